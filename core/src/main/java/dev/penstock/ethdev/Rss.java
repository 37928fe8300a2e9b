package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import dev.penstock.net.Toeplitz;

/** Receive-side scaling: what is hashed, with which key, and which queue gets which hash (DPDK: rte_eth_rss_conf). */
public final class Rss {
    /** Entries of a redirection table where the device has none of its own. */
    public static final int DEFAULT_RETA_SIZE = 128;

    private final byte[] key = Toeplitz.defaultKey();
    private final int[] reta;
    private final long capabilities;
    private long types;
    private int queues;
    private Toeplitz toeplitz = new Toeplitz(key);

    Rss(DeviceInfo info) {
        capabilities = info.maxRxQueues() == 1 ? SoftwareRss.TYPES : info.rssTypes();
        reta = new int[info.retaSize() == 0 ? DEFAULT_RETA_SIZE : info.retaSize()];
    }

    void types(long types, int queues) {
        this.types = types;
        this.queues = queues;
        for (int i = 0; i < reta.length; i++) {
            reta[i] = queues == 0 ? 0 : i % queues;
        }
    }

    /** Refuses types that can't be hashed. */
    void check(String who, long wanted) {
        long lacking = wanted & ~capabilities;
        if (lacking != 0) {
            throw new IllegalArgumentException(who + " can't hash" + RssType.names(lacking) + "; it can hash"
                    + (capabilities == 0 ? " nothing" : RssType.names(capabilities)));
        }
    }

    /**
     * Changes what is hashed, also while packets flow. Counts on a port that was configured with RSS.
     *
     * @param wanted {@link RssType} bits
     * @throws IllegalArgumentException when they are not among the {@link #capabilities}
     */
    public void types(long wanted) {
        check("the port", wanted);
        types = wanted;
    }

    /** @return {@link RssType} bits that the device can hash, or, when it has one receive queue, software that spreads that over several */
    public long capabilities() {
        return capabilities;
    }

    /** @return {@link RssType} bits in force */
    public long types() {
        return types;
    }

    /** @return a copy of the key */
    public byte[] key() {
        return key.clone();
    }

    /**
     * Changes the key.
     *
     * @param bytes as many as the key has now
     */
    public void key(byte[] bytes) {
        if (bytes.length != key.length) {
            throw new IllegalArgumentException("the hash key has " + key.length + " bytes, not " + bytes.length);
        }
        System.arraycopy(bytes, 0, key, 0, key.length);
        toeplitz = new Toeplitz(key);
    }

    /**
     * Hashes a packet in software, as far as the types in force ask for it, and leaves hash and flag in it.
     *
     * @param m the packet
     * @param type what {@link dev.penstock.net.PacketType#parse} said of it
     * @param lengths where its headers are
     * @return the hash, 0 when nothing of it is hashed
     */
    int hash(Mbuf m, int type, PacketLengths lengths) {
        int ip = lengths.l2Len();
        int l4 = ip + lengths.l3Len();
        int hash;
        switch (type & PacketType.L3_MASK) {
            case PacketType.L3_IPV4, PacketType.L3_IPV4_EXT -> {
                if ((types & portTypes(type, RssType.NONFRAG_IPV4_UDP, RssType.NONFRAG_IPV4_TCP, RssType.NONFRAG_IPV4_SCTP)) != 0) {
                    hash = toeplitz.ipv4Ports(m, ip, l4);
                } else if ((types & (RssType.IPV4 | RssType.FRAG_IPV4 | RssType.NONFRAG_IPV4_OTHER)) != 0) {
                    hash = toeplitz.ipv4(m, ip);
                } else {
                    return 0;
                }
            }
            case PacketType.L3_IPV6, PacketType.L3_IPV6_EXT -> {
                if ((types & portTypes(type, RssType.NONFRAG_IPV6_UDP, RssType.NONFRAG_IPV6_TCP, RssType.NONFRAG_IPV6_SCTP)) != 0) {
                    hash = toeplitz.ipv6Ports(m, ip, l4);
                } else if ((types & (RssType.IPV6 | RssType.FRAG_IPV6 | RssType.NONFRAG_IPV6_OTHER)) != 0) {
                    hash = toeplitz.ipv6(m, ip);
                } else {
                    return 0;
                }
            }
            default -> {
                return 0;
            }
        }
        m.rssHash(hash);
        m.olFlags(m.olFlags() | OlFlags.RX_RSS_HASH);
        return hash;
    }

    private static long portTypes(int type, long udp, long tcp, long sctp) {
        return switch (type & PacketType.L4_MASK) {
            case PacketType.L4_UDP -> udp;
            case PacketType.L4_TCP -> tcp;
            case PacketType.L4_SCTP -> sctp;
            default -> 0;
        };
    }

    /**
     * The queue that a hash belongs to.
     *
     * @param hash the hash
     * @return the queue's number
     */
    int queue(int hash) {
        return reta[(hash & 0x7fff_ffff) % reta.length];
    }

    /** @return a copy of the redirection table: a queue for each value of the hash modulo its length */
    public int[] reta() {
        return reta.clone();
    }

    /**
     * Changes one entry of the redirection table.
     *
     * @param index which entry
     * @param queue the queue it names
     */
    public void reta(int index, int queue) {
        if (index < 0 || index >= reta.length) {
            throw new IllegalArgumentException("the redirection table has entries 0 to " + (reta.length - 1) + ", not " + index);
        }
        if (queue < 0 || queue >= queues) {
            throw new IllegalArgumentException("the port has " + queues + " receive queues, no number " + queue);
        }
        reta[index] = queue;
    }
}
