package dev.penstock.ethdev;

/** Receive-side scaling: what is hashed, with which key, and which queue gets which hash (DPDK: rte_eth_rss_conf). */
public final class Rss {
    /** Entries of a redirection table where the device has none of its own. */
    public static final int DEFAULT_RETA_SIZE = 128;

    private static final int[] DEFAULT_KEY = {
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
        0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
    };

    private final byte[] key = new byte[40];
    private final int[] reta;
    private long types;
    private int queues;

    Rss(DeviceInfo info) {
        reta = new int[info.retaSize() == 0 ? DEFAULT_RETA_SIZE : info.retaSize()];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) DEFAULT_KEY[i];
        }
    }

    void types(long types, int queues) {
        this.types = types;
        this.queues = queues;
        for (int i = 0; i < reta.length; i++) {
            reta[i] = queues == 0 ? 0 : i % queues;
        }
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
