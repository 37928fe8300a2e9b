package dev.penstock.bench;

import dev.penstock.mbuf.Mbuf;

/** One step of the pipeline that {@link SpecialiseBench} measures: a record, whose fields are its configuration. */
sealed interface Stage {
    /**
     * Works on a packet.
     *
     * @param m a UDP packet over IPv4
     * @return false when it is to be dropped
     */
    boolean accept(Mbuf m);

    /** Drops what is shorter or longer. */
    record Length(int min, int max) implements Stage {
        @Override
        public boolean accept(Mbuf m) {
            return m.pktLen() >= min && m.pktLen() <= max;
        }
    }

    /** Drops what is of another type, when one is asked for. */
    record Type(int etherType) implements Stage {
        @Override
        public boolean accept(Mbuf m) {
            return etherType == 0 || (m.getShort(12) & 0xffff) == etherType;
        }
    }

    /** Drops what comes from outside a prefix; length 0 takes all. */
    record Source(int prefix, int bits) implements Stage {
        @Override
        public boolean accept(Mbuf m) {
            return bits == 0 || (m.getInt(26) ^ prefix) >>> 32 - bits == 0;
        }
    }

    /** Drops what goes to a port outside a range. */
    record PortRange(int from, int to) implements Stage {
        @Override
        public boolean accept(Mbuf m) {
            int port = m.getShort(36) & 0xffff;
            return port >= from && port <= to;
        }
    }

    /** Writes the traffic class; -1 leaves it. */
    record Mark(int tos) implements Stage {
        @Override
        public boolean accept(Mbuf m) {
            if (tos >= 0) {
                m.putByte(15, (byte) tos);
            }
            return true;
        }
    }

    /** Writes the next hop's address. */
    record NextHop(long mac) implements Stage {
        @Override
        public boolean accept(Mbuf m) {
            m.putInt(0, (int) (mac >>> 16));
            m.putShort(4, (short) mac);
            return true;
        }
    }
}
