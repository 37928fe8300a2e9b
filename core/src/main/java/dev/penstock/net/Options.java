package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/** The two option formats of the IP family, walked without leaving their headers. */
final class Options {
    private Options() {}

    /** IPv4's and TCP's: kind 0 ends, kind 1 is one byte, every other has a length that counts kind and length. */
    static int find(Mbuf m, int from, int to, int kind) {
        int at = from;
        while (at < to) {
            int found = m.getByte(at) & 0xff;
            int length = 1;
            if (found > 1) {
                if (at + 1 >= to) {
                    return Reject.OPTION;
                }
                length = m.getByte(at + 1) & 0xff;
                if (length < 2 || length > to - at) {
                    return Reject.OPTION;
                }
            }
            if (found == kind) {
                return at;
            }
            if (found == 0) {
                return Reject.ABSENT;
            }
            at += length;
        }
        return Reject.ABSENT;
    }

    /** IPv6's: type 0 is one byte, every other has a length that counts neither type nor length. */
    static int findTlv(Mbuf m, int from, int to, int type) {
        int at = from;
        while (at < to) {
            int found = m.getByte(at) & 0xff;
            int length = 1;
            if (found != 0) {
                if (at + 1 >= to) {
                    return Reject.OPTION;
                }
                length = 2 + (m.getByte(at + 1) & 0xff);
                if (length > to - at) {
                    return Reject.OPTION;
                }
            }
            if (found == type) {
                return at;
            }
            at += length;
        }
        return Reject.ABSENT;
    }
}
