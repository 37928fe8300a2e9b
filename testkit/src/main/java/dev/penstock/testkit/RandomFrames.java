package dev.penstock.testkit;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * An endless, repeatable stream of frames of every protocol that Penstock parses, in several flows on 198.18.0.0/15 and
 * 2001:db8::/32.
 */
public final class RandomFrames {
    private static final int FIRST_HOST = 0xc612_0000;

    private final SplittableRandom random;
    private final int flows;

    /**
     * Makes a stream.
     *
     * @param random where chance comes from, see {@link Seed}
     * @param flows how many pairs of hosts talk, at least 1
     */
    public RandomFrames(SplittableRandom random, int flows) {
        this.random = random;
        this.flows = flows;
    }

    /** @return a frame without fault, 42 to about 1600 bytes */
    public byte[] valid() {
        int flow = random.nextInt(flows);
        return ethernet(flow, 3);
    }

    /** @return a valid frame with up to eight bytes changed */
    public byte[] mutated() {
        byte[] frame = valid();
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(frame.length, 80) : frame.length);
            frame[at] = switch (random.nextInt(4)) {
                case 0 -> 0;
                case 1 -> (byte) 0xff;
                case 2 -> (byte) (frame[at] ^ 1 << random.nextInt(8));
                default -> (byte) random.nextInt();
            };
        }
        return frame;
    }

    /** @return the beginning of a valid or mutated frame, possibly nothing at all */
    public byte[] truncated() {
        byte[] frame = random.nextBoolean() ? valid() : mutated();
        return Arrays.copyOf(frame, random.nextInt(frame.length));
    }

    /** @return up to 200 bytes of no meaning */
    public byte[] noise() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** @return any of the kinds above */
    public byte[] any() {
        return switch (random.nextInt(8)) {
            case 0 -> valid();
            case 1, 2 -> truncated();
            case 3 -> noise();
            default -> mutated();
        };
    }

    private byte[] ethernet(int flow, int depth) {
        long dst = 0x0200_0000_0000L | flow;
        long src = 0x0200_0001_0000L | flow;
        int kind = random.nextInt(16);
        if (kind == 0) {
            return Frames.ethernet(dst, src, 0x0806, Frames.arp(1 + random.nextInt(2), src, FIRST_HOST + flow, 0, FIRST_HOST + 1));
        }
        int type = random.nextInt(3) == 0 ? 0x86dd : 0x0800;
        byte[] packet = type == 0x86dd ? ipv6(flow, depth) : ipv4(flow, depth);
        if (kind == 1) {
            packet = Frames.mpls(16, false, Frames.mpls(17, true, packet));
            type = 0x8847;
        }
        if (kind == 2 || kind == 3) {
            packet = Frames.vlan(100 + flow % 4000, type, packet);
            type = 0x8100;
        }
        if (kind == 3) {
            packet = Frames.vlan(200, type, packet);
            type = 0x88a8;
        }
        return Frames.ethernet(dst, src, type, packet);
    }

    private byte[] ipv4(int flow, int depth) {
        int src = FIRST_HOST + 2 * flow;
        int dst = FIRST_HOST + 0x1_0000 + 2 * flow;
        byte[] options = random.nextInt(8) == 0 ? Frames.bytes(148, 4, 0, 0, 1, 1, 1, 0) : new byte[0];
        int protocol = protocol(1, depth);
        byte[] payload = payload(protocol, Frames.number(src, 4), Frames.number(dst, 4), flow, depth);
        int fragment = random.nextInt(16) == 0 ? 0x2000 : random.nextInt(16) == 0 ? 185 : 0;
        return Frames.ipv4(src, dst, protocol, fragment, options, payload);
    }

    private byte[] ipv6(int flow, int depth) {
        byte[] src = Frames.ipv6Address(2 * flow + 1);
        byte[] dst = Frames.ipv6Address(0x1_0000 + 2 * flow);
        int next = protocol(58, depth);
        byte[] payload = payload(next, src, dst, flow, depth);
        for (int n = random.nextInt(4) - 1; n > 0; n--) {
            int kind = random.nextInt(5);
            payload = switch (kind) {
                case 3 -> Frames.fragment(next, random.nextInt(4) == 0 ? 0 : 8 * random.nextInt(100) + random.nextInt(2), payload);
                case 4 -> Frames.ah(next, payload);
                default -> Frames.extension(next, random.nextInt(3), payload);
            };
            next = new int[] {0, 60, 43, 44, 51}[kind];
        }
        return Frames.ipv6(src, dst, next, payload);
    }

    private int protocol(int icmp, int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 8)) {
            case 0, 1, 2 -> 6;
            case 3 -> icmp;
            case 4 -> 132;
            case 8 -> 47;
            case 9 -> 4;
            case 10 -> 41;
            default -> 17;
        };
    }

    private byte[] payload(int protocol, byte[] src, byte[] dst, int flow, int depth) {
        byte[] data = new byte[random.nextInt(4) == 0 ? random.nextInt(1400) : random.nextInt(64)];
        random.nextBytes(data);
        return switch (protocol) {
            case 6 -> Frames.tcp(src, dst, 1024 + flow, 80, 0x18,
                    random.nextBoolean() ? Frames.bytes(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2) : new byte[0], data);
            case 1 -> Frames.icmp(8, flow & 0xffff, 1, data);
            case 58 -> Frames.icmpv6(src, dst, 128, Frames.join(Frames.number(flow, 2), Frames.number(1, 2), data));
            case 132 -> Frames.sctp(1024 + flow, 36412, data);
            case 47 -> random.nextBoolean() ? Frames.gre(0x6558, true, ethernet(flow, depth - 1))
                    : Frames.gre(0x0800, random.nextBoolean(), ipv4(flow, depth - 1));
            case 4 -> ipv4(flow, depth - 1);
            case 41 -> ipv6(flow, depth - 1);
            default -> udp(src, dst, flow, depth, data);
        };
    }

    private byte[] udp(byte[] src, byte[] dst, int flow, int depth, byte[] data) {
        return switch (depth > 0 ? random.nextInt(8) : 7) {
            case 0 -> Frames.udp(src, dst, 50_000, 4789, Frames.vxlan(flow, ethernet(flow, depth - 1)));
            case 1 -> Frames.udp(src, dst, 2152, 2152, Frames.gtpU(flow, random.nextBoolean(), ipv4(flow, depth - 1)));
            case 2 -> Frames.udp(src, dst, 50_000, 6081,
                    Frames.geneve(0x6558, flow, random.nextBoolean() ? new byte[8] : new byte[0], ethernet(flow, depth - 1)));
            default -> Frames.udp(src, dst, 1024 + flow, 53 + random.nextInt(4), data);
        };
    }
}
