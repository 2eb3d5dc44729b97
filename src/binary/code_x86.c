/* SPDX-License-Identifier: BSD-2-Clause */
/* x86-64 instructions as operations. */
#include "binary/code_x86.h"

#define STACK_POINTER 4
#define FRAME_POINTER 5

static void binary(const struct x86 *x, enum code_op_kind kind)
{
	uint8_t left = x86_value(x, 0, X86_TEMPORARY(0)), right = x86_value(x, 1, X86_TEMPORARY(1));
	struct code_op *op = code_op_add(x->ops, kind);

	op->target = X86_TEMPORARY(2);
	op->left = left;
	op->right = right;
	op->size = x->detail->operands[0].size;
	x86_write(x, 0, X86_TEMPORARY(2));
}

static bool same_registers(const struct x86 *x)
{
	return x->detail->op_count == 2 && x->detail->operands[0].type == X86_OP_REG &&
	       x->detail->operands[1].type == X86_OP_REG &&
	       x->detail->operands[0].reg == x->detail->operands[1].reg;
}

static void logic(const struct x86 *x, enum code_op_kind kind)
{
	if (kind == OP_XOR && same_registers(x)) {
		x86_number(x, X86_TEMPORARY(2), 0);
		x86_write(x, 0, X86_TEMPORARY(2));
		return;
	}
	binary(x, kind);
}

static void add_number(const struct x86 *x, int64_t value)
{
	uint8_t left = x86_value(x, 0, X86_TEMPORARY(0));
	struct code_op *op = code_op_add(x->ops, OP_ADD);

	op->target = X86_TEMPORARY(2);
	op->left = left;
	op->number = value;
	op->size = x->detail->operands[0].size;
	x86_write(x, 0, X86_TEMPORARY(2));
}

static void scale(const struct x86 *x, unsigned source, int64_t factor)
{
	uint8_t left = x86_value(x, source, X86_TEMPORARY(0));
	struct code_op *op = code_op_add(x->ops, OP_SCALE);

	op->target = X86_TEMPORARY(2);
	op->left = left;
	op->number = factor;
	op->size = x->detail->operands[0].size;
	x86_write(x, 0, X86_TEMPORARY(2));
}

static void sign_extend(const struct x86 *x, uint8_t target, uint8_t from, unsigned size)
{
	struct code_op *op = code_op_add(x->ops, OP_EXTEND);

	op->target = target;
	op->left = from;
	op->size = (uint8_t)size;
}

static void extend(const struct x86 *x)
{
	unsigned size = x->detail->operands[1].size;

	sign_extend(x, X86_TEMPORARY(2), x86_value(x, 1, X86_TEMPORARY(0)), size > 4 ? 4 : size);
	x86_write(x, 0, X86_TEMPORARY(2));
}

static void load_address(const struct x86 *x)
{
	struct code_op op = {0}, *added;

	op.left = op.right = CODE_NO_REGISTER;
	op.scale = 1;
	if (!x86_address(x, &x->detail->operands[1].mem, &op)) {
		x86_forget(x, 0);
		return;
	}
	added = code_op_add(x->ops, OP_ADDRESS);
	added->target = X86_TEMPORARY(2);
	added->left = op.left;
	added->right = op.right;
	added->scale = op.scale;
	added->number = op.number;
	x86_write(x, 0, X86_TEMPORARY(2));
}

static void choose(const struct x86 *x)
{
	uint8_t left = x86_value(x, 0, X86_TEMPORARY(0)), right = x86_value(x, 1, X86_TEMPORARY(1));
	struct code_op *op = code_op_add(x->ops, OP_CHOOSE);

	op->target = X86_TEMPORARY(2);
	op->left = left;
	op->right = right;
	x86_write(x, 0, X86_TEMPORARY(2));
}

static void stack_add(const struct x86 *x, int64_t value)
{
	struct code_op *op = code_op_add(x->ops, OP_ADD);

	op->target = op->left = STACK_POINTER;
	op->number = value;
}

static void push(const struct x86 *x, uint8_t from)
{
	struct code_op *op;

	stack_add(x, -8);
	op = code_op_add(x->ops, OP_STORE);
	op->target = from;
	op->left = STACK_POINTER;
}

static void pop(const struct x86 *x, uint8_t target)
{
	struct code_op *op = code_op_add(x->ops, OP_LOAD);

	op->target = target;
	op->left = STACK_POINTER;
	stack_add(x, 8);
}

static void transfer(const struct x86 *x, enum code_op_kind kind)
{
	const cs_x86_op *operand = &x->detail->operands[0];
	uint8_t from = CODE_NO_REGISTER;
	struct code_op *op;

	if (operand->type != X86_OP_IMM)
		from = x86_value(x, 0, X86_TEMPORARY(0));
	op = code_op_add(x->ops, kind);
	op->left = from;
	if (operand->type == X86_OP_IMM)
		op->number = operand->imm;
}

/* String stores and copies; those of one element, without a prefix, are rare. */
static void string(const struct x86 *x, enum code_op_kind kind, unsigned size)
{
	bool repeated = x->detail->prefix[0] == X86_PREFIX_REP;

	if (repeated) {
		code_op_add(x->ops, kind)->size = (uint8_t)size;
		x86_number(x, 1, 0);
	} else {
		code_op_add(x->ops, OP_CLOBBER_MEMORY);
	}
	x86_unknown(x, 7);
	if (kind == OP_COPY)
		x86_unknown(x, 6);
}

static void compare(const struct x86 *x)
{
	const cs_x86_op *right = &x->detail->operands[1];
	struct code_op *op;

	if (x->detail->op_count != 2 || right->type != X86_OP_IMM)
		return;
	op = code_op_add(x->ops, OP_COMPARE);
	op->number = right->imm;
}

/* What is done with an instruction; FORGET, for those not in the table. */
enum action {
	FORGET,
	NOTHING,
	MOVE,
	ADD,
	SUBTRACT,
	AND,
	OR,
	XOR,
	INCREMENT,
	DECREMENT,
	SHIFT_LEFT,
	SHIFT_RIGHT,
	MULTIPLY,
	EXTEND,
	EXTEND_RESULT,
	LOAD_ADDRESS,
	CHOOSE,
	PUSH,
	POP,
	LEAVE,
	CALL,
	JUMP,
	RETURN,
	STOP,
	COMPARE,
	FILL1,
	FILL4,
	FILL8,
	COPY1,
	COPY8,
	SYSTEM_CALL,
	WHOLE_VECTOR,
	LOW_LANE,
	HIGH_LANE_MEMORY,
	LOW_LANE_MEMORY,
	LOW_LANES,
	INSERT_LANE,
	VECTOR_XOR,
	MOVE_DOUBLE,
};

static const struct {
	uint16_t id;
	uint8_t action;
} rows[] = {
    {X86_INS_NOP, NOTHING},
    {X86_INS_ENDBR64, NOTHING},
    {X86_INS_ENDBR32, NOTHING},
    {X86_INS_TEST, NOTHING},
    {X86_INS_BT, NOTHING},
    {X86_INS_UCOMISD, NOTHING},
    {X86_INS_UCOMISS, NOTHING},
    {X86_INS_COMISD, NOTHING},
    {X86_INS_COMISS, NOTHING},
    {X86_INS_VUCOMISD, NOTHING},
    {X86_INS_VUCOMISS, NOTHING},
    {X86_INS_PREFETCHT0, NOTHING},
    {X86_INS_PREFETCHT1, NOTHING},
    {X86_INS_PREFETCHT2, NOTHING},
    {X86_INS_PREFETCHNTA, NOTHING},
    {X86_INS_PREFETCHW, NOTHING},
    {X86_INS_LFENCE, NOTHING},
    {X86_INS_MFENCE, NOTHING},
    {X86_INS_SFENCE, NOTHING},
    {X86_INS_PAUSE, NOTHING},
    {X86_INS_PTEST, NOTHING},
    {X86_INS_FLD, NOTHING},
    {X86_INS_FILD, NOTHING},
    {X86_INS_WAIT, NOTHING},
    {X86_INS_MOV, MOVE},
    {X86_INS_MOVABS, MOVE},
    {X86_INS_MOVZX, MOVE},
    {X86_INS_ADD, ADD},
    {X86_INS_SUB, SUBTRACT},
    {X86_INS_AND, AND},
    {X86_INS_OR, OR},
    {X86_INS_XOR, XOR},
    {X86_INS_INC, INCREMENT},
    {X86_INS_DEC, DECREMENT},
    {X86_INS_SHL, SHIFT_LEFT},
    {X86_INS_SAL, SHIFT_LEFT},
    {X86_INS_SHR, SHIFT_RIGHT},
    {X86_INS_IMUL, MULTIPLY},
    {X86_INS_MOVSX, EXTEND},
    {X86_INS_MOVSXD, EXTEND},
    {X86_INS_CDQE, EXTEND_RESULT},
    {X86_INS_LEA, LOAD_ADDRESS},
    {X86_INS_CMOVA, CHOOSE},
    {X86_INS_CMOVAE, CHOOSE},
    {X86_INS_CMOVB, CHOOSE},
    {X86_INS_CMOVBE, CHOOSE},
    {X86_INS_CMOVE, CHOOSE},
    {X86_INS_CMOVG, CHOOSE},
    {X86_INS_CMOVGE, CHOOSE},
    {X86_INS_CMOVL, CHOOSE},
    {X86_INS_CMOVLE, CHOOSE},
    {X86_INS_CMOVNE, CHOOSE},
    {X86_INS_CMOVNO, CHOOSE},
    {X86_INS_CMOVNP, CHOOSE},
    {X86_INS_CMOVNS, CHOOSE},
    {X86_INS_CMOVO, CHOOSE},
    {X86_INS_CMOVP, CHOOSE},
    {X86_INS_CMOVS, CHOOSE},
    {X86_INS_PUSH, PUSH},
    {X86_INS_POP, POP},
    {X86_INS_LEAVE, LEAVE},
    {X86_INS_CALL, CALL},
    {X86_INS_JMP, JUMP},
    {X86_INS_RET, RETURN},
    {X86_INS_UD2, STOP},
    {X86_INS_HLT, STOP},
    {X86_INS_INT3, STOP},
    {X86_INS_CMP, COMPARE},
    {X86_INS_STOSB, FILL1},
    {X86_INS_STOSD, FILL4},
    {X86_INS_STOSQ, FILL8},
    {X86_INS_MOVSB, COPY1},
    {X86_INS_MOVSQ, COPY8},
    {X86_INS_SYSCALL, SYSTEM_CALL},
    {X86_INS_MOVAPS, WHOLE_VECTOR},
    {X86_INS_MOVUPS, WHOLE_VECTOR},
    {X86_INS_MOVAPD, WHOLE_VECTOR},
    {X86_INS_MOVUPD, WHOLE_VECTOR},
    {X86_INS_MOVDQA, WHOLE_VECTOR},
    {X86_INS_MOVDQU, WHOLE_VECTOR},
    {X86_INS_LDDQU, WHOLE_VECTOR},
    {X86_INS_MOVNTDQ, WHOLE_VECTOR},
    {X86_INS_MOVNTPS, WHOLE_VECTOR},
    {X86_INS_VMOVAPS, WHOLE_VECTOR},
    {X86_INS_VMOVUPS, WHOLE_VECTOR},
    {X86_INS_VMOVAPD, WHOLE_VECTOR},
    {X86_INS_VMOVUPD, WHOLE_VECTOR},
    {X86_INS_VMOVDQA, WHOLE_VECTOR},
    {X86_INS_VMOVDQU, WHOLE_VECTOR},
    {X86_INS_VMOVDQU8, WHOLE_VECTOR},
    {X86_INS_VMOVDQU16, WHOLE_VECTOR},
    {X86_INS_VMOVDQU32, WHOLE_VECTOR},
    {X86_INS_VMOVDQU64, WHOLE_VECTOR},
    {X86_INS_VMOVDQA32, WHOLE_VECTOR},
    {X86_INS_VMOVDQA64, WHOLE_VECTOR},
    {X86_INS_VLDDQU, WHOLE_VECTOR},
    {X86_INS_MOVQ, LOW_LANE},
    {X86_INS_VMOVQ, LOW_LANE},
    {X86_INS_MOVD, LOW_LANE},
    {X86_INS_VMOVD, LOW_LANE},
    {X86_INS_MOVHPS, HIGH_LANE_MEMORY},
    {X86_INS_MOVHPD, HIGH_LANE_MEMORY},
    {X86_INS_VMOVHPS, HIGH_LANE_MEMORY},
    {X86_INS_VMOVHPD, HIGH_LANE_MEMORY},
    {X86_INS_MOVLPS, LOW_LANE_MEMORY},
    {X86_INS_MOVLPD, LOW_LANE_MEMORY},
    {X86_INS_VMOVLPS, LOW_LANE_MEMORY},
    {X86_INS_VMOVLPD, LOW_LANE_MEMORY},
    {X86_INS_PUNPCKLQDQ, LOW_LANES},
    {X86_INS_VPUNPCKLQDQ, LOW_LANES},
    {X86_INS_UNPCKLPD, LOW_LANES},
    {X86_INS_VUNPCKLPD, LOW_LANES},
    {X86_INS_MOVLHPS, LOW_LANES},
    {X86_INS_VMOVLHPS, LOW_LANES},
    {X86_INS_PINSRQ, INSERT_LANE},
    {X86_INS_VPINSRQ, INSERT_LANE},
    {X86_INS_PXOR, VECTOR_XOR},
    {X86_INS_XORPS, VECTOR_XOR},
    {X86_INS_XORPD, VECTOR_XOR},
    {X86_INS_VPXOR, VECTOR_XOR},
    {X86_INS_VXORPS, VECTOR_XOR},
    {X86_INS_VXORPD, VECTOR_XOR},
    {X86_INS_VPXORD, VECTOR_XOR},
    {X86_INS_VPXORQ, VECTOR_XOR},
    {X86_INS_MOVSD, MOVE_DOUBLE},
    {X86_INS_VMOVSD, MOVE_DOUBLE},
};

static unsigned action_of(unsigned id)
{
	static uint8_t actions[X86_INS_ENDING];
	static bool filled;

	if (!filled) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			actions[rows[i].id] = rows[i].action;
		filled = true;
	}
	return id < X86_INS_ENDING ? actions[id] : FORGET;
}

/* Anything may be in what the instruction writes, as far as capstone knows that. */
static void forget(const struct x86 *x)
{
	const cs_detail *detail = x->instruction->detail;
	unsigned size;

	for (unsigned i = 0; i < x->detail->op_count; i++)
		if (i == 0 || (x->detail->operands[i].access & CS_AC_WRITE))
			x86_forget(x, i);
	for (unsigned i = 0; i < detail->regs_write_count; i++) {
		uint8_t reg = x86_general((x86_reg)detail->regs_write[i], &size);

		if (reg != CODE_NO_REGISTER)
			x86_unknown(x, reg);
	}
}

static bool in_group(const struct x86 *x, uint8_t group)
{
	const cs_detail *detail = x->instruction->detail;

	for (unsigned i = 0; i < detail->groups_count; i++)
		if (detail->groups[i] == group)
			return true;
	return false;
}

static void double_or_string(const struct x86 *x)
{
	const cs_x86_op *ops = x->detail->operands;

	if (x->detail->op_count == 2 && ops[0].type == X86_OP_MEM && ops[1].type == X86_OP_MEM)
		string(x, OP_COPY, 4);
	else if (x->detail->op_count == 2 && ops[0].type != ops[1].type)
		x86_low_lane(x, 8);
	else
		forget(x);
}

static void shift(const struct x86 *x, bool left)
{
	const cs_x86_op *count = &x->detail->operands[1];

	if (x->detail->op_count != 2 || count->type != X86_OP_IMM || count->imm < 0 ||
	    count->imm >= 63)
		forget(x);
	else if (left)
		scale(x, 0, (int64_t)1 << count->imm);
	else
		binary(x, OP_SHIFT_RIGHT);
}

static void multiply(const struct x86 *x)
{
	if (x->detail->op_count == 3 && x->detail->operands[2].type == X86_OP_IMM)
		scale(x, 1, x->detail->operands[2].imm);
	else if (x->detail->op_count == 2 && x->detail->operands[1].type == X86_OP_IMM)
		scale(x, 0, x->detail->operands[1].imm);
	else
		forget(x);
}

static void leave(const struct x86 *x)
{
	x86_move(x, STACK_POINTER, FRAME_POINTER, 8);
	pop(x, FRAME_POINTER);
}

static void pop_operand(const struct x86 *x)
{
	if (x->detail->operands[0].type == X86_OP_REG && x->detail->operands[0].size == 8) {
		pop(x, X86_TEMPORARY(0));
		x86_write(x, 0, X86_TEMPORARY(0));
	} else {
		forget(x);
		stack_add(x, x->detail->operands[0].size == 2 ? 2 : 8);
	}
}

/* What moves and computes; true when the action was one of these. */
static bool translate_value(const struct x86 *x, unsigned action)
{
	static const uint8_t kinds[] = {[ADD] = OP_ADD, [SUBTRACT] = OP_SUBTRACT, [AND] = OP_AND,
					[OR] = OP_OR,	[XOR] = OP_XOR};

	switch (action) {
	case MOVE:
		x86_write(x, 0, x86_value(x, 1, X86_TEMPORARY(0)));
		return true;
	case ADD:
	case SUBTRACT:
	case AND:
	case OR:
	case XOR:
		logic(x, (enum code_op_kind)kinds[action]);
		return true;
	case INCREMENT:
		add_number(x, 1);
		return true;
	case DECREMENT:
		add_number(x, -1);
		return true;
	case SHIFT_LEFT:
	case SHIFT_RIGHT:
		shift(x, action == SHIFT_LEFT);
		return true;
	case MULTIPLY:
		multiply(x);
		return true;
	case EXTEND:
		extend(x);
		return true;
	case EXTEND_RESULT:
		sign_extend(x, 0, 0, 4);
		return true;
	case LOAD_ADDRESS:
		load_address(x);
		return true;
	case CHOOSE:
		choose(x);
		return true;
	case PUSH:
		push(x, x86_value(x, 0, X86_TEMPORARY(0)));
		return true;
	case POP:
		pop_operand(x);
		return true;
	case LEAVE:
		leave(x);
		return true;
	default:
		return false;
	}
}

static bool translate_vector(const struct x86 *x, unsigned action)
{
	switch (action) {
	case WHOLE_VECTOR:
		x86_whole_vector(x);
		return true;
	case LOW_LANE:
		x86_low_lane(x, x->detail->operands[0].size == 4 || x->detail->operands[1].size == 4
				    ? 4
				    : 8);
		return true;
	case HIGH_LANE_MEMORY:
	case LOW_LANE_MEMORY:
		x86_one_lane(x, action == HIGH_LANE_MEMORY);
		return true;
	case LOW_LANES:
		x86_low_lanes(x);
		return true;
	case INSERT_LANE:
		x86_insert_lane(x);
		return true;
	case VECTOR_XOR:
		x86_vector_xor(x);
		return true;
	case MOVE_DOUBLE:
		double_or_string(x);
		return true;
	default:
		return false;
	}
}

static bool translate_string(const struct x86 *x, unsigned action)
{
	switch (action) {
	case FILL1:
	case FILL4:
	case FILL8:
		string(x, OP_FILL, action == FILL1 ? 1 : action == FILL4 ? 4 : 8);
		return true;
	case COPY1:
	case COPY8:
		string(x, OP_COPY, action == COPY1 ? 1 : 8);
		return true;
	default:
		return false;
	}
}

void code_x86_translate(const struct cs_insn *instruction, struct code_ops *ops)
{
	struct x86 x = {ops, instruction, &instruction->detail->x86};
	unsigned action = action_of(instruction->id);

	if (translate_value(&x, action) || translate_vector(&x, action) ||
	    translate_string(&x, action))
		return;
	switch (action) {
	case NOTHING:
		break;
	case CALL:
		transfer(&x, OP_CALL);
		break;
	case JUMP:
		transfer(&x, OP_JUMP);
		break;
	case RETURN:
		code_op_add(ops, OP_RETURN);
		break;
	case STOP:
		code_op_add(ops, OP_STOP);
		break;
	case COMPARE:
		compare(&x);
		break;
	case SYSTEM_CALL:
		x86_unknown(&x, 0);
		x86_unknown(&x, 1);
		x86_unknown(&x, 11);
		code_op_add(ops, OP_CLOBBER_MEMORY);
		break;
	default:
		if (in_group(&x, X86_GRP_JUMP) && x.detail->op_count == 1 &&
		    x.detail->operands[0].type == X86_OP_IMM)
			transfer(&x, OP_BRANCH);
		else
			forget(&x);
		break;
	}
}
