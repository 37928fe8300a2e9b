package dev.penstock.vhost;

import dev.penstock.virtqueue.Feature;

/**
 * What a vhost-user back end is to be.
 *
 * @param path the local socket's; {@code @NAME} for an abstract one
 * @param client true to connect to a front end that listens, false to listen
 * @param queuePairs pairs of queues at most, 1 or more
 * @param features the {@link Feature} bits that are offered
 * @param state a file in which the back end notes where packed queues stand, so that it can go on after its own death also with a
 *     front end that keeps no such notes; null for none. Split queues need none.
 */
public record VhostConfig(String path, boolean client, int queuePairs, long features, String state) {
    /** What every back end offers: all that needs no other port's help. */
    public static final long FEATURES = Feature.MRG_RXBUF | Feature.CTRL_VQ | Feature.CTRL_RX | Feature.GUEST_ANNOUNCE | Feature.MQ
            | Feature.LOG_ALL | Feature.ANY_LAYOUT | Feature.INDIRECT_DESC | Feature.EVENT_IDX | Feature.PROTOCOL_FEATURES
            | Feature.VERSION_1 | Feature.RING_PACKED | Feature.IN_ORDER | Feature.CSUM | Feature.GUEST_CSUM | Feature.MTU;
    /**
     * Without a file of its own.
     *
     * @param path the local socket's
     * @param client true to connect
     * @param queuePairs pairs of queues at most
     * @param features the {@link Feature} bits that are offered
     */
    public VhostConfig(String path, boolean client, int queuePairs, long features) {
        this(path, client, queuePairs, features, null);
    }

    /** Segmentation by the device and by the driver. */
    public static final long TSO = Feature.HOST_TSO4 | Feature.HOST_TSO6 | Feature.HOST_ECN | Feature.HOST_UFO
            | Feature.HOST_USO | Feature.GUEST_USO4 | Feature.GUEST_USO6
            | Feature.GUEST_TSO4 | Feature.GUEST_TSO6 | Feature.GUEST_ECN | Feature.GUEST_UFO;
}
