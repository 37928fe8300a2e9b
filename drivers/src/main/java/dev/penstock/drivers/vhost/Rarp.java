package dev.penstock.drivers.vhost;

import dev.penstock.mbuf.Mbuf;

/** A reverse ARP request (RFC 903), by which switches learn where an address is now. */
final class Rarp {
    private static final int BYTES = 64;
    private static final int TYPE = 0x8035;
    private static final int REQUEST = 3;

    private Rarp() {}

    static void write(Mbuf m, long mac, int port) {
        m.received(BYTES, port);
        for (int i = 0; i < BYTES; i += 8) {
            m.putLong(i, 0);
        }
        mac(m, 0, 0xffff_ffff_ffffL);
        mac(m, 6, mac);
        m.putShort(12, (short) TYPE);
        m.putShort(14, (short) 1);
        m.putShort(16, (short) 0x0800);
        m.putByte(18, (byte) 6);
        m.putByte(19, (byte) 4);
        m.putShort(20, (short) REQUEST);
        mac(m, 22, mac);
        mac(m, 32, mac);
    }

    private static void mac(Mbuf m, int at, long mac) {
        m.putShort(at, (short) (mac >>> 32));
        m.putInt(at + 2, (int) mac);
    }
}
