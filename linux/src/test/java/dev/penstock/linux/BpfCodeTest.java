package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BpfCodeTest {
    @Test
    void shouldEncodeAsTheInstructionSetSays() {
        // r0 = 2; exit, as llvm-objdump shows the bytes b7 00 00 00 02 00 00 00, 95 00 00 00 00 00 00 00
        assertArrayEquals(new long[] {0x00000002_0000_00_b7L, 0x95}, new BpfCode().set(0, 2).exit().instructions());
        // 61 12 10 00: r2 = *(u32 *)(r1 + 16); 7b 1a f8 ff: *(u64 *)(r10 - 8) = r1; bf 16: r6 = r1; dc 01 .. 10: r1 = be16 r1
        assertArrayEquals(new long[] {0x0010_1261L, 0xfff8_1a7bL, 0x16bfL, 0x10_0000_01dcL}, new BpfCode()
                .load(4, 2, 1, 16).store(8, BpfCode.FRAME, -8, 1).move(6, 1).fromNetwork(1, 16).instructions());
    }

    @Test
    void shouldJumpForwardAndBack() {
        BpfCode.Label back = new BpfCode.Label();
        BpfCode.Label end = new BpfCode.Label();
        long[] code = new BpfCode().set(0, 0).label(back).alu(BpfCode.ADD, 0, 1).jumpIf(BpfCode.EQ, 0, 9, end).jump(back)
                .label(end).exit().instructions();
        assertEquals(1, (short) (code[2] >> 16));
        assertEquals(-3, (short) (code[3] >> 16));
        assertEquals(5, code.length);
    }

    @Test
    void shouldLeaveOutWhatNothingLeadsTo() {
        BpfCode.Label never = new BpfCode.Label();
        BpfCode code = new BpfCode().set(0, 1).exit().set(0, 7).jumpIf(BpfCode.EQ, 0, 1, never).label(never).exit();
        assertEquals(2, code.instructions().length);
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new BpfCode().set(11, 0));
        assertThrows(IllegalArgumentException.class, () -> new BpfCode().load(3, 0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new BpfCode().load(4, 0, 1, 40000));
        assertThrows(IllegalStateException.class, () -> new BpfCode().jump(new BpfCode.Label()).instructions());
        BpfCode.Label twice = new BpfCode.Label();
        assertThrows(IllegalStateException.class, () -> new BpfCode().label(twice).label(twice));
    }
}
