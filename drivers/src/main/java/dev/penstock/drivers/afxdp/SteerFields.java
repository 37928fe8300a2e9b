package dev.penstock.drivers.afxdp;

import dev.penstock.linux.BpfCode;
import dev.penstock.linux.XdpProgram;

/**
 * What rules ask about, as the program finds it in a frame and puts it on its stack: EtherType behind up to two
 * VLAN tags, addresses, protocol, ports. What a frame has not is {@link #NONE}. Fragments but the first have no
 * ports; IPv6 extension headers are not looked behind.
 */
final class SteerFields {
    /** Stands for a field that is not there; more than any value. */
    static final int NONE = 0x10000;

    /** Places on the stack, eight bytes each, but for the addresses with 32. */
    static final int ETHER_TYPE = -8;
    static final int PROTOCOL = -16;
    static final int SOURCE_PORT = -24;
    static final int DESTINATION_PORT = -32;
    /** Source address, then destination address, in 32-bit words in the processor's order. */
    static final int ADDRESSES = -64;
    static final int ADDRESS_BYTES = 16;

    private static final int IPV4 = 0x800;
    private static final int IPV6 = 0x86dd;
    private static final int AT = 7;
    private static final int END = 8;

    private SteerFields() {}

    static void emit(BpfCode code, int context) {
        BpfCode.Label done = new BpfCode.Label();
        BpfCode.Label six = new BpfCode.Label();
        for (int field = ETHER_TYPE; field >= DESTINATION_PORT; field -= 8) {
            code.storeValue(8, BpfCode.FRAME, field, NONE);
        }
        for (int i = 0; i < 32; i += 8) {
            code.storeValue(8, BpfCode.FRAME, ADDRESSES + i, 0);
        }
        code.load(4, AT, context, XdpProgram.MD_DATA);
        code.load(4, END, context, XdpProgram.MD_DATA_END);
        need(code, 14, done);
        code.load(2, 1, AT, 12).fromNetwork(1, 16).alu(BpfCode.ADD, AT, 14);
        vlan(code, done);
        vlan(code, done);
        code.store(8, BpfCode.FRAME, ETHER_TYPE, 1);
        code.jumpIf(BpfCode.EQ, 1, IPV6, six);
        code.jumpIf(BpfCode.NE, 1, IPV4, done);
        emit4(code, done);
        code.label(six);
        emit6(code, done);
        code.label(done);
    }

    /** Goes on only if the frame has so many bytes from here. */
    private static void need(BpfCode code, int bytes, BpfCode.Label otherwise) {
        code.move(2, AT).alu(BpfCode.ADD, 2, bytes).jumpIfRegister(BpfCode.GT, 2, END, otherwise);
    }

    /** Skips a tag; register 1 has the EtherType. */
    private static void vlan(BpfCode code, BpfCode.Label done) {
        BpfCode.Label tagged = new BpfCode.Label();
        BpfCode.Label plain = new BpfCode.Label();
        code.jumpIf(BpfCode.EQ, 1, 0x8100, tagged).jumpIf(BpfCode.NE, 1, 0x88a8, plain).label(tagged);
        need(code, 4, done);
        code.load(2, 1, AT, 2).fromNetwork(1, 16).alu(BpfCode.ADD, AT, 4).label(plain);
    }

    private static void addresses(BpfCode code, int at, int words) {
        for (int side = 0; side < 2; side++) {
            for (int w = 0; w < words; w++) {
                code.load(4, 1, AT, at + (side * words + w) * 4).fromNetwork(1, 32);
                code.store(4, BpfCode.FRAME, ADDRESSES + side * ADDRESS_BYTES + w * 4, 1);
            }
        }
    }

    private static void emit4(BpfCode code, BpfCode.Label done) {
        need(code, 20, done);
        addresses(code, 12, 1);
        code.load(1, 1, AT, 9).store(8, BpfCode.FRAME, PROTOCOL, 1).move(3, 1);
        code.load(2, 1, AT, 6).fromNetwork(1, 16).alu(BpfCode.AND, 1, 0x1fff).jumpIf(BpfCode.NE, 1, 0, done);
        code.load(1, 1, AT, 0).alu(BpfCode.AND, 1, 0xf).alu(BpfCode.LSH, 1, 2);
        code.jumpIf(BpfCode.LT, 1, 20, done).aluRegister(BpfCode.ADD, AT, 1);
        ports(code, done);
    }

    private static void emit6(BpfCode code, BpfCode.Label done) {
        need(code, 40, done);
        addresses(code, 8, 4);
        code.load(1, 1, AT, 6).store(8, BpfCode.FRAME, PROTOCOL, 1).move(3, 1).alu(BpfCode.ADD, AT, 40);
        ports(code, done);
    }

    /** Register 3 has the protocol. */
    private static void ports(BpfCode code, BpfCode.Label done) {
        BpfCode.Label has = new BpfCode.Label();
        code.jumpIf(BpfCode.EQ, 3, SteerRule.TCP, has).jumpIf(BpfCode.EQ, 3, SteerRule.UDP, has);
        code.jumpIf(BpfCode.NE, 3, SteerRule.SCTP, done).label(has);
        need(code, 4, done);
        code.load(2, 1, AT, 0).fromNetwork(1, 16).store(8, BpfCode.FRAME, SOURCE_PORT, 1);
        code.load(2, 1, AT, 2).fromNetwork(1, 16).store(8, BpfCode.FRAME, DESTINATION_PORT, 1);
        code.jump(done);
    }
}
