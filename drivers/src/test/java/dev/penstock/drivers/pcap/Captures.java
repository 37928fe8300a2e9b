package dev.penstock.drivers.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Builds captures byte by byte, in every form. */
final class Captures {
    /** A packet as a test knows it. */
    record Packet(byte[] data, int originalLength, long timestampNs) {}

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteOrder order;

    Captures(ByteOrder order) {
        this.order = order;
    }

    static byte[] pcap(ByteOrder order, boolean nanos, List<Packet> packets) {
        return pcap(order, nanos ? 0xa1b23c4d : 0xa1b2c3d4, 1, packets);
    }

    static byte[] pcap(ByteOrder order, int magic, int linkType, List<Packet> packets) {
        Captures c = new Captures(order);
        c.ints(magic).shorts(2, 4).ints(0, 0, 65535, linkType);
        for (Packet p : packets) {
            long fraction = p.timestampNs % 1_000_000_000;
            c.ints((int) (p.timestampNs / 1_000_000_000), (int) (magic == 0xa1b23c4d ? fraction : fraction / 1000));
            c.ints(p.data.length, p.originalLength);
            if (magic == 0xa1b2cd34) {
                c.ints(7, 7);
            }
            c.raw(p.data);
        }
        return c.bytes();
    }

    /** Two sections: blocks to pass over, two interfaces with different resolutions, all kinds of packet blocks. */
    static byte[] pcapng(ByteOrder order, int resolution, List<Packet> packets) {
        Captures c = new Captures(order);
        c.section();
        c.block(1, new Captures(order).shorts(1, 0).ints(0).shorts(2, 3).raw("eth".getBytes()).raw(new byte[1]).shorts(9, 1)
                .raw(new byte[] {(byte) resolution, 0, 0, 0}).ints(0));
        c.block(0x0bad, new Captures(order).ints(1, 2, 3));
        int i = 0;
        for (Packet p : packets) {
            long units = units(p.timestampNs, resolution);
            Captures body = new Captures(order);
            if (i++ % 3 == 2) {
                body.shorts(0, 0);
            } else {
                body.ints(0);
            }
            body.ints((int) (units >>> 32), (int) units, p.data.length, p.originalLength).raw(p.data).pad();
            c.block(i % 3 == 0 ? 2 : 6, body);
            if (i == packets.size() / 2) {
                c.section();
                c.block(1, new Captures(order).shorts(1, 0).ints(0).shorts(9, 1).raw(new byte[] {(byte) resolution, 0, 0, 0}));
            }
        }
        return c.bytes();
    }

    private static long units(long ns, int resolution) {
        int exponent = resolution & 0x7f;
        if ((resolution & 0x80) != 0) {
            return (ns / 1_000_000_000 << exponent) + (ns % 1_000_000_000 << exponent) / 1_000_000_000;
        }
        long units = ns;
        for (int e = 9; e > exponent; e--) {
            units /= 10;
        }
        return units;
    }

    Captures section() {
        return block(0x0a0d0d0a, new Captures(order).ints(0x1a2b3c4d).shorts(1, 0).ints(-1, -1));
    }

    Captures block(int type, Captures body) {
        int length = 12 + body.out.size();
        return ints(type, length).raw(body.bytes()).ints(length);
    }

    Captures ints(int... values) {
        for (int v : values) {
            raw(ByteBuffer.allocate(4).order(order).putInt(v).array());
        }
        return this;
    }

    Captures shorts(int... values) {
        for (int v : values) {
            raw(ByteBuffer.allocate(2).order(order).putShort((short) v).array());
        }
        return this;
    }

    Captures raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Captures pad() {
        return raw(new byte[-out.size() & 3]);
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
