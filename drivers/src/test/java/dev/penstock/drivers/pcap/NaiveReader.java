package dev.penstock.drivers.pcap;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads a capture in the plainest way, for comparison: all packets before the first damage, and whether there is any. */
final class NaiveReader {
    record Packet(int linkType, int originalLength, long timestampNs, byte[] data) {}

    final List<Packet> packets = new ArrayList<>();
    boolean damaged;

    private final ByteBuffer in;
    private final List<Object[]> interfaces = new ArrayList<>();

    private static final class Damage extends RuntimeException {
        private static final long serialVersionUID = 1;

        Damage() {
            super(null, null, false, false);
        }
    }

    NaiveReader(byte[] bytes) {
        in = ByteBuffer.wrap(bytes);
        try {
            in.order(ByteOrder.BIG_ENDIAN);
            int magic = in.getInt(0);
            if (magic == 0x0a0d0d0a) {
                pcapng();
            } else {
                for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                    magic = in.order(order).getInt(0);
                    if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d || magic == 0xa1b2cd34) {
                        pcap(magic);
                        return;
                    }
                }
                damaged = true;
            }
        } catch (Damage | BufferUnderflowException | IndexOutOfBoundsException e) {
            damaged = true;
        }
    }

    private void pcap(int magic) {
        in.getInt();
        need(in.getShort() == 2);
        need(in.getShort() == 4);
        in.getInt();
        in.getInt();
        in.getInt();
        int linkType = in.getInt() & 0xffff;
        while (in.hasRemaining()) {
            long seconds = in.getInt() & 0xffffffffL;
            long fraction = in.getInt() & 0xffffffffL;
            long captured = in.getInt() & 0xffffffffL;
            int original = in.getInt();
            if (magic == 0xa1b2cd34) {
                in.getLong();
            }
            need(captured <= 262144);
            byte[] data = new byte[(int) Math.min(captured, in.remaining() + 1L)];
            in.get(data);
            packets.add(new Packet(linkType, original, seconds * 1000000000L + fraction * (magic == 0xa1b23c4d ? 1 : 1000), data));
        }
    }

    private void pcapng() {
        boolean first = true;
        while (in.hasRemaining()) {
            int start = in.position();
            if (in.getInt(start) == 0x0a0d0d0a) {
                in.order(ByteOrder.BIG_ENDIAN);
                if (in.getInt(start + 8) != 0x1a2b3c4d) {
                    in.order(ByteOrder.LITTLE_ENDIAN);
                    need(in.getInt(start + 8) == 0x1a2b3c4d);
                }
                interfaces.clear();
            } else {
                need(!first);
            }
            first = false;
            int type = in.getInt();
            long length = in.getInt() & 0xffffffffL;
            need(length >= 12 && length <= 16 << 20 && length % 4 == 0 && length <= in.limit() - start);
            need(in.getInt(start + (int) length - 4) == length);
            ByteBuffer body = in.slice(start + 8, (int) length - 12).order(in.order());
            block(type, body);
            in.position(start + (int) length);
        }
    }

    private void block(int type, ByteBuffer body) {
        switch (type) {
            case 0x0a0d0d0a -> {
                need(body.remaining() >= 16);
                need(body.getShort(4) == 1);
            }
            case 1 -> describe(body);
            case 2 -> {
                need(body.remaining() >= 20);
                packet(body, body.getShort(0) & 0xffff, timeOf(body), body.getInt(12) & 0xffffffffL, body.getInt(16), 20);
            }
            case 3 -> {
                long original = body.getInt(0) & 0xffffffffL;
                need(!interfaces.isEmpty());
                long snaplen = (Integer) interfaces.getFirst()[1] & 0xffffffffL;
                packet(body, 0, null, snaplen == 0 ? original : Math.min(snaplen, original), (int) original, 4);
            }
            case 6 -> {
                need(body.remaining() >= 20);
                packet(body, body.getInt(0) & 0xffffffffL, timeOf(body), body.getInt(12) & 0xffffffffL, body.getInt(16), 20);
            }
            default -> { }
        }
    }

    private static BigInteger timeOf(ByteBuffer body) {
        return BigInteger.valueOf(body.getInt(4) & 0xffffffffL).shiftLeft(32).add(BigInteger.valueOf(body.getInt(8) & 0xffffffffL));
    }

    private void describe(ByteBuffer body) {
        need(body.remaining() >= 8);
        int linkType = body.getShort() & 0xffff;
        body.getShort();
        int snaplen = body.getInt();
        int resolution = 6;
        long offset = 0;
        while (body.remaining() >= 4) {
            int code = body.getShort() & 0xffff;
            if (code == 0) {
                break;
            }
            int bytes = body.getShort() & 0xffff;
            need(bytes <= body.remaining());
            if (code == 9 && bytes == 1) {
                resolution = body.get(body.position()) & 0xff;
                need((resolution & 0x7f) <= (resolution >= 0x80 ? 63 : 19));
            }
            if (code == 14 && bytes == 8) {
                offset = body.getLong(body.position());
            }
            body.position(Math.min(body.limit(), body.position() + (bytes + 3) / 4 * 4));
        }
        interfaces.add(new Object[] {linkType, snaplen, resolution, offset});
    }

    private void packet(ByteBuffer body, long number, BigInteger units, long captured, int original, int at) {
        need(number < interfaces.size());
        need(captured <= 262144 && captured <= body.limit() - at);
        Object[] from = interfaces.get((int) number);
        byte[] data = new byte[(int) captured];
        body.get(at, data);
        long ns = 0;
        if (units != null) {
            int resolution = (Integer) from[2];
            BigInteger perSecond = resolution >= 0x80 ? BigInteger.ONE.shiftLeft(resolution & 0x7f) : BigInteger.TEN.pow(resolution);
            ns = units.multiply(BigInteger.valueOf(1_000_000_000)).divide(perSecond)
                    .add(BigInteger.valueOf((Long) from[3]).multiply(BigInteger.valueOf(1_000_000_000))).longValue();
        }
        packets.add(new Packet((Integer) from[0], original, ns, data));
    }

    private static void need(boolean condition) {
        if (!condition) {
            throw new Damage();
        }
    }
}
