package dev.penstock.apps.l3fwd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a router must do with a frame, told from its bytes alone by RFC 1812 and RFC 8200; knows nothing of l3fwd's code. */
final class Oracle {
    /** A rule: decides by the IP packet's bytes, and says the port, -1 for no opinion, -2 for denied. */
    interface Rules {
        int port(byte[] frame, boolean ipv6);
    }

    private final Rules rules;
    final Map<String, Long> drops = new HashMap<>();
    /** Frames that leave each port, IPv4 and IPv6 apart: the order among those of one version counts. */
    final Map<String, List<byte[]>> sent = new HashMap<>();
    private final byte[][] macs;

    /** Rules, and the addresses that each port's frames begin with. */
    Oracle(Rules rules, byte[][] macs) {
        this.rules = rules;
        this.macs = macs;
    }

    void route(byte[] in) {
        byte[] f = in.clone();
        int type = f.length < 14 ? 0 : word(f, 12);
        if (type == 0x0800) {
            ipv4(f);
        } else if (type == 0x86dd) {
            ipv6(f);
        } else {
            drop("not_ip");
        }
    }

    private void ipv4(byte[] f) {
        int room = f.length - 14;
        int header = room < 20 ? 0 : (f[14] & 0xf) * 4;
        if (room < 20 || (f[14] & 0xf0) != 0x40 || header < 20 || header > room || word(f, 16) < header || word(f, 16) > room) {
            drop("ipv4_header");
            return;
        }
        if (sum(f, header) != 0xffff) {
            drop("ipv4_checksum");
            return;
        }
        if ((f[22] & 0xff) < 2) {
            drop("ipv4_ttl");
            return;
        }
        int port = rules.port(f, false);
        f[22]--;
        f[24] = 0;
        f[25] = 0;
        int fresh = ~sum(f, header) & 0xffff;
        f[24] = (byte) (fresh >> 8);
        f[25] = (byte) fresh;
        send(f, port, "ipv4");
    }

    private void ipv6(byte[] f) {
        int room = f.length - 14;
        if (room < 40 || (f[14] & 0xf0) != 0x60 || word(f, 18) > room - 40) {
            drop("ipv6_header");
            return;
        }
        if ((f[21] & 0xff) < 2) {
            drop("ipv6_hop_limit");
            return;
        }
        int port = rules.port(f, true);
        f[21]--;
        send(f, port, "ipv6");
    }

    private void send(byte[] f, int port, String version) {
        if (port < 0) {
            drop(port == -1 ? "no_route" : "denied");
            return;
        }
        System.arraycopy(macs[port], 0, f, 0, 12);
        sent.computeIfAbsent(port + version, p -> new ArrayList<>()).add(f);
    }

    private void drop(String why) {
        drops.merge(why, 1L, Long::sum);
    }

    private static int word(byte[] f, int at) {
        return (f[at] & 0xff) << 8 | f[at + 1] & 0xff;
    }

    private static int sum(byte[] f, int header) {
        int sum = 0;
        for (int i = 0; i < header; i += 2) {
            sum += word(f, 14 + i);
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return sum;
    }

    /** Whether the first bits of two byte strings agree. */
    static boolean agrees(byte[] a, int aFrom, byte[] b, int bits) {
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i & 7);
            if (((a[aFrom + i / 8] ^ b[i / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
