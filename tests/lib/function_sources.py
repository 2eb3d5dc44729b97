# SPDX-License-Identifier: BSD-2-Clause
"""Two C files whose functions hold everything that linkers rewrite, for tests/functions.t."""

LIBRARY = r"""
extern int printf(const char *, ...);
extern void *memcpy(void *, const void *, unsigned long);
extern void abort(void);
extern int outer_number, outer_array[];
extern int outer_call(int), outer_pair(int, int);
extern __thread int outer_thread;
extern int never_there(void) __attribute__((weak));
int own_number = 3, own_array[300] = {1, 2, 3};
static int private_number, private_array[1000];
static const char *const names[] = {"zero", "one", "two", "three"};
static const double reals[] = {1.5, 2.5, 3.25, 4.75};
__thread int own_thread = 4;
static __thread int private_thread[100], other_thread = 9;
static __thread char far_thread[3000];

int text(int n) { return printf("number %d of many\n", n) + 1; }
const char *table(unsigned n) { return n < 4 ? names[n] : "none of them"; }
double real(unsigned n) { return reals[n & 3] * 2.718281828 + n; }
int read_outer(void) { return outer_number + own_number; }
void write_outer(int n) { outer_number = n; own_number = n + 7; private_number = n * 3; }
int *address_outer(int n) { return n ? &outer_number : &own_number; }
int compare_address(int *p) { return p == &outer_number ? 1 : p == &own_number ? 2 : p == outer_array; }
long difference(int *p) { return p - outer_array; }
int index_outer(long n) { return outer_array[n] + own_array[n + 1] + private_array[n]; }
void fill(int n) { for (int i = 0; i < 1000; i++) private_array[i] = own_array[i % 300] * n; }
int call_outer(int n) { return outer_call(n) * 5 + outer_pair(n, 2); }
int tail_outer(int n) { return outer_call(n + 1); }
int recursive(int n) { return n < 2 ? n : recursive(n - 1) + recursive(n - 2); }
int self_tail(int n, int sum) { if (n <= 0) return sum; private_number++; return self_tail(n - 1, sum + own_array[n & 7]); }
static __attribute__((noinline)) int hidden(int n) { return n * private_number + 11; }
int call_hidden(int n) { return hidden(n) + hidden(n + 1); }
int tail_hidden(int n) { return hidden(n * 3); }
typedef int function(int);
function *pointer(int n) { return n > 9 ? outer_call : n == 5 ? hidden : recursive; }
int through(function *f, int n) { return f(n) + f(n + 1) * 3; }
int weak(void) { return never_there ? never_there() : -1; }
int switched(int n, int m)
{
	switch (n) {
	case 0: return m + 1;
	case 1: return m * 3;
	case 2: return outer_call(m);
	case 3: return m - 8;
	case 4: return m ^ 0x55;
	case 5: return text(m);
	case 6: return m << 3;
	case 7: return own_array[m & 3];
	default: return -1;
	}
}
unsigned constants(unsigned n) { return (n | 0x400000) ^ (n & 0x800000 ? 0x1000000 : 0x40000); }
int constants_compare(unsigned n) { return n == 0x700001 || n == 0x7fffff || n > 0x12345678; }
long negative(long n) { return n < 0 ? -4096 : n > 100 ? -22 : n == 7 ? -1 : n - 300; }
int frame(int n) { volatile int big[2000]; for (int i = 0; i < 2000; i++) big[i] = n + i; return big[n & 1023] + big[5]; }
int thread_read(void) { return own_thread + outer_thread; }
void thread_write(int n) { own_thread = n; outer_thread = n + 1; }
int *thread_address(int n) { return n ? &own_thread : &outer_thread; }
int thread_private(int n) { return private_thread[n] + private_thread[50] + other_thread; }
void thread_both(int n) { private_thread[n] = n; other_thread += n; private_thread[99] = own_thread; }
char *thread_far(int n) { far_thread[n] = 1; far_thread[2990] += 3; other_thread = n; return far_thread + 2000; }
int unlikely(int n)
{
	if (__builtin_expect(n == 12345, 0)) {
		printf("an unlikely number: %d\n", n);
		abort();
	}
	return n * own_number + private_array[n & 15];
}
struct wide { char bytes[200]; int tail; };
void copy(struct wide *to, const struct wide *from) { *to = *from; to->tail += from->bytes[130]; }
int nested(int n, int m)
{
	int sum = 0;
	for (int i = 0; i < n; i++) {
		if (i % 3 == 0)
			continue;
		for (int j = i; j < m; j++) {
			sum += own_array[(i * j) & 255] + (j > 10 ? outer_array[j & 7] : j);
			if (sum > 100000)
				return sum;
		}
		sum ^= outer_call(sum);
	}
	return sum + n;
}
"""

PROGRAM = r"""
int outer_number = 5, outer_array[64] = {4, 5, 6};
int outer_call(int n) { return n + 1; }
int outer_pair(int n, int m) { return n * m; }
__thread int outer_thread = 8;
extern int nested(int, int);
int main(int argc, char **argv) { (void)argv; return nested(argc, argc + 3); }
"""

# C++: what catches is unlikely, and g++ moves it away.
SPLIT = r"""
extern int use(int, int *);
extern "C" int split(int n, int m)
{
	int room[20];
	int sum = 0;
	try {
		sum = use(n, room) + use(m, room + 3);
	} catch (int number) {
		sum = use(number, room + 7) * 3;
	}
	return sum * use(sum, room) + room[n & 15];
}
extern "C" int other(int n) { return use(n, &n) * 3; }
"""

# Functions without frames; only the second one, which stands behind a table, is called.
FRAMELESS = ("first", "second", "third", "fourth", "fifth")
FRAMELESS_ARM = """
	.text
	.macro begin name, align=4
	.p2align \\align
	.globl \\name
	.hidden \\name
	.type \\name, %function
\\name:
	.endm
	.macro finish name
	.size \\name, . - \\name
	.endm
begin first	// a loop that is entered over padding, and two returns
	cbz x1, 3f
	mov x2, xzr
	b 2f
	.p2align 4
2:	ldrb w3, [x0], #1
	add x2, x2, x3
	subs x1, x1, #1
	b.ne 2b
	mov x0, x2
	ret
3:	mov x0, #-1
	ret
finish first
	.p2align 3
	.word 0x01020304, 0x05060708, 0x090a0b0c, 0x0d0e0f10	// a table
	.ascii "a text of the author"
begin second 6	// ends without a return
	add x0, x0, x1, lsl #3
	eor x0, x0, x1
	tbnz x0, #3, 4f
	sub x0, x0, #7
	b third
4:	add x0, x0, #9
	b third
finish second
begin third	// with a mark, right behind the last one or not
	paciasp
	stp x29, x30, [sp, #-16]!
	bl second
	madd x0, x0, x1, x0
	ldp x29, x30, [sp], #16
	autiasp
	ret
finish third
begin fourth	// a block behind its return that branches back
	cmp x0, #16
	b.hi 6f
5:	lsl x0, x0, #2
	orr x0, x0, #1
	ret
6:	lsr x0, x0, #4
	b 5b
finish fourth
begin fifth
	rbit x0, x0
	clz x0, x0
	add x0, x0, x0, lsl #5
	ret
finish fifth
"""
# "known" has a frame; what stands behind its end is found.
FRAMELESS_X86 = """
	.text
	.p2align 4
	.globl known
	.type known, @function
known:
	.cfi_startproc
	movl %edi, %eax
	ret
	.cfi_endproc
	.size known, . - known
	.p2align 4
	.globl first
	.type first, @function
first:
	xorl %eax, %eax
	testq %rsi, %rsi
	je 2f
1:	movzbl (%rdi), %edx
	addl %edx, %eax
	incq %rdi
	decq %rsi
	jne 1b
2:	ret
	.size first, . - first
	.p2align 4
	.globl second
	.type second, @function
second:
	leal 7(%rdi,%rsi,4), %eax
	imull $77, %eax, %eax
	ret
	.size second, . - second
"""
