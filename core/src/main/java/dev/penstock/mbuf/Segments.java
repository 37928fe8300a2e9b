package dev.penstock.mbuf;

import java.lang.foreign.MemorySegment;

/** What is done to a packet segment by segment, and the sharing of data between segments. */
final class Segments {
    private Segments() {}

    /** Gives up one owner; true when it was the last, and the segment is ready for its pool. */
    static boolean release(Mbuf m) {
        if (m.refCnt() != 1 && m.refCntUpdate(-1) != 0) {
            return false;
        }
        if (m.attached != null) {
            detach(m);
        }
        makePlain(m);
        return true;
    }

    private static void makePlain(Mbuf m) {
        m.next = null;
        m.nbSegs = 1;
        m.refCnt(1);
    }

    static void attach(Mbuf m, Mbuf other) {
        requireFree(m);
        if (other.attached instanceof ExternalBuffer buffer) {
            buffer.retain();
            m.attached = buffer;
        } else {
            Mbuf owner = other.attached instanceof Mbuf direct ? direct : other;
            if (owner == m) {
                throw new IllegalArgumentException(m + " cannot show its own data by reference");
            }
            if (owner.pool.eal() != m.pool.eal()) {
                throw new IllegalArgumentException(m + " cannot show the data of " + owner
                        + ": their pools are of different environments, whose memory ends at different times; copy it");
            }
            owner.refCntUpdate(1);
            m.attached = owner;
        }
        copyMetadata(other, m);
        m.olFlags = other.olFlags | (m.attached instanceof Mbuf ? OlFlags.INDIRECT : OlFlags.EXTERNAL);
        m.bufAddr = other.bufAddr;
        m.bufLen = other.bufLen;
        m.dataOff = other.dataOff;
        m.dataLen = other.dataLen;
        m.pktLen = other.dataLen;
        m.next = null;
        m.nbSegs = 1;
    }

    static void attach(Mbuf m, ExternalBuffer buffer) {
        requireFree(m);
        buffer.retain();
        m.attached = buffer;
        m.olFlags |= OlFlags.EXTERNAL;
        m.bufAddr = buffer.address();
        m.bufLen = buffer.length();
        m.dataOff = 0;
        m.dataLen = 0;
        m.pktLen = 0;
    }

    private static void requireFree(Mbuf m) {
        if (m.attached != null || m.refCnt() != 1) {
            throw new IllegalStateException(m + " shows data already, or others show its own; detach or free it first");
        }
    }

    static void detach(Mbuf m) {
        Object shown = m.attached;
        m.attached = null;
        m.olFlags &= ~(OlFlags.INDIRECT | OlFlags.EXTERNAL);
        m.bufAddr = m.ownAddr;
        m.bufLen = m.pool.bufLen();
        m.dataOff = Math.min(Mbuf.HEADROOM, m.bufLen);
        m.dataLen = 0;
        m.pktLen = 0;
        if (shown instanceof ExternalBuffer buffer) {
            buffer.release();
        } else {
            Mbuf owner = (Mbuf) shown;
            if (owner.refCntUpdate(-1) == 0) {
                makePlain(owner);
                owner.pool.put(owner);
            }
        }
    }

    static void copyMetadata(Mbuf from, Mbuf to) {
        to.port = from.port;
        to.txOffload = from.txOffload;
        to.typeAndTags = from.typeAndTags;
        to.rssHash = from.rssHash;
        to.fdirId = from.fdirId;
        to.timestamp = from.timestamp;
        to.pool.copyDynamicFields(from, to);
    }

    static boolean extend(Mbuf first, int bytes, MbufPool pool) {
        Mbuf last = first;
        for (int rest = bytes; rest > 0; rest -= last.dataLen) {
            Mbuf m = pool.alloc();
            if (m == null) {
                freeRest(first);
                return false;
            }
            m.dataOff(0);
            m.dataLen(Math.min(rest, m.bufLen));
            last.next = m;
            last = m;
            first.nbSegs++;
            first.pktLen += m.dataLen;
        }
        return true;
    }

    static void freeRest(Mbuf first) {
        Mbuf rest = first.next;
        if (rest != null) {
            rest.nbSegs = first.nbSegs - 1;
            first.next = null;
            first.nbSegs = 1;
            first.pktLen = first.dataLen;
            rest.free();
        }
    }

    static Mbuf clone(Mbuf packet, MbufPool pool) {
        Mbuf head = pool.alloc();
        Mbuf last = head;
        Mbuf m = packet;
        while (last != null) {
            attach(last, m);
            m = m.next;
            if (m == null) {
                head.nbSegs = packet.nbSegs;
                head.pktLen = packet.pktLen;
                return head;
            }
            last.next = pool.alloc();
            last = last.next;
        }
        if (head != null) {
            head.free();
        }
        return null;
    }

    static Mbuf copy(Mbuf packet, MbufPool pool, int offset, int length) {
        if (offset < 0 || length < 0 || offset > packet.pktLen) {
            return null;
        }
        Mbuf head = pool.alloc();
        if (head == null) {
            return null;
        }
        copyMetadata(packet, head);
        head.olFlags |= packet.olFlags & ~(OlFlags.INDIRECT | OlFlags.EXTERNAL);
        int left = Math.min(length, packet.pktLen - offset);
        Mbuf to = head;
        Mbuf from = packet;
        int at = offset;
        while (left > 0) {
            while (at >= from.dataLen) {
                at -= from.dataLen;
                from = from.next;
            }
            if (to.tailroom() == 0) {
                to.next = pool.alloc();
                to = to.next;
                if (to == null) {
                    head.free();
                    return null;
                }
                head.nbSegs++;
            }
            int n = Math.min(Math.min(from.dataLen - at, left), to.tailroom());
            int end = to.dataLen;
            to.dataLen += n;
            to.write(end, from, at, n);
            head.pktLen += n;
            at += n;
            left -= n;
        }
        return head;
    }

    static boolean linearize(Mbuf packet) {
        int more = packet.pktLen - packet.dataLen;
        if (more > packet.tailroom()) {
            return false;
        }
        int end = packet.dataLen;
        packet.dataLen = packet.pktLen;
        Mbuf m = packet.next;
        while (m != null) {
            Mbuf behind = m.next;
            packet.write(end, m, 0, m.dataLen);
            end += m.dataLen;
            m.freeSegment();
            m = behind;
        }
        packet.next = null;
        packet.nbSegs = 1;
        return true;
    }

    static boolean read(Mbuf packet, int offset, MemorySegment to, long toOffset, int length) {
        if (offset < 0 || length < 0 || length > packet.pktLen - offset) {
            return false;
        }
        Mbuf m = packet;
        int at = offset;
        int left = length;
        long end = toOffset;
        while (left > 0) {
            int n = Math.min(left, m.dataLen - at);
            if (n > 0) {
                m.read(at, to, end, n);
                end += n;
                left -= n;
                at = 0;
            } else {
                at -= m.dataLen;
            }
            m = m.next;
        }
        return true;
    }

    static String check(Mbuf m, boolean header) {
        int references = m.refCnt();
        if (m.bufLen == 0 && m.pool.isClosed()) {
            return "bad mbuf pool";
        }
        if (m.bufAddr == 0) {
            return "bad virt addr";
        }
        if (references <= 0 || references >= 0xffff) {
            return "bad ref cnt";
        }
        if (!header) {
            return null;
        }
        if (m.dataLen > m.pktLen) {
            return "bad data_len";
        }
        int segments = m.nbSegs;
        int bytes = m.pktLen;
        for (Mbuf s = m; s != null && segments > 0; s = s.next) {
            if (s.dataOff > s.bufLen) {
                return "data offset too big in mbuf segment";
            }
            if (s.dataLen > s.bufLen - s.dataOff) {
                return "data length too big in mbuf segment";
            }
            bytes -= s.dataLen;
            segments--;
            if (segments == 0 && s.next != null) {
                return "bad nb_segs";
            }
        }
        if (segments != 0) {
            return "bad nb_segs";
        }
        return bytes != 0 ? "bad pkt_len" : null;
    }
}
