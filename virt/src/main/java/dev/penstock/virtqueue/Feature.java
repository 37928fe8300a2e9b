package dev.penstock.virtqueue;

/** Feature bits of a network device and of its rings (VIRTIO 1.2, sections 5.1.3 and 6). */
public final class Feature {
    /** The device takes packets whose checksum is missing. */
    public static final long CSUM = 1L << 0;
    /** The driver takes packets whose checksum is missing. */
    public static final long GUEST_CSUM = 1L << 1;
    /** The device says its MTU. */
    public static final long MTU = 1L << 3;
    /** The device says its address. */
    public static final long MAC = 1L << 5;
    /** The driver takes TCP over IPv4 not yet cut into segments. */
    public static final long GUEST_TSO4 = 1L << 7;
    /** The driver takes TCP over IPv6 not yet cut into segments. */
    public static final long GUEST_TSO6 = 1L << 8;
    /** The driver takes such TCP with congestion marks. */
    public static final long GUEST_ECN = 1L << 9;
    /** The driver takes UDP not yet cut into fragments. */
    public static final long GUEST_UFO = 1L << 10;
    /** The device takes TCP over IPv4 not yet cut into segments. */
    public static final long HOST_TSO4 = 1L << 11;
    /** The device takes TCP over IPv6 not yet cut into segments. */
    public static final long HOST_TSO6 = 1L << 12;
    /** The device takes such TCP with congestion marks. */
    public static final long HOST_ECN = 1L << 13;
    /** The device takes UDP not yet cut into fragments. */
    public static final long HOST_UFO = 1L << 14;
    /** A received packet may lie in several buffers. */
    public static final long MRG_RXBUF = 1L << 15;
    /** The device says whether its link is up. */
    public static final long STATUS = 1L << 16;
    /** There is a control queue. */
    public static final long CTRL_VQ = 1L << 17;
    /** The control queue sets receive modes. */
    public static final long CTRL_RX = 1L << 18;
    /** The control queue filters VLANs. */
    public static final long CTRL_VLAN = 1L << 19;
    /** The driver sends announcements when asked, after migration. */
    public static final long GUEST_ANNOUNCE = 1L << 21;
    /** There may be several pairs of queues. */
    public static final long MQ = 1L << 22;
    /** The control queue sets the address. */
    public static final long CTRL_MAC_ADDR = 1L << 23;
    /** Writes to guest memory are logged, for migration (vhost). */
    public static final long LOG_ALL = 1L << 26;
    /** The header may share a descriptor with the data (implied by {@link #VERSION_1}). */
    public static final long ANY_LAYOUT = 1L << 27;
    /** A descriptor may stand for a table of descriptors. */
    public static final long INDIRECT_DESC = 1L << 28;
    /** Each side says at which index it wants to be notified. */
    public static final long EVENT_IDX = 1L << 29;
    /** The back end speaks of protocol features (vhost-user). */
    public static final long PROTOCOL_FEATURES = 1L << 30;
    /** The device is no legacy device. */
    public static final long VERSION_1 = 1L << 32;
    /** Addresses are translated by an IOMMU. */
    public static final long ACCESS_PLATFORM = 1L << 33;
    /** The rings are packed. */
    public static final long RING_PACKED = 1L << 34;
    /** The device uses buffers in the order in which they became available. */
    public static final long IN_ORDER = 1L << 35;
    /** The driver takes UDP over IPv4 not yet cut into datagrams. */
    public static final long GUEST_USO4 = 1L << 54;
    /** The driver takes UDP over IPv6 not yet cut into datagrams. */
    public static final long GUEST_USO6 = 1L << 55;
    /** The device takes UDP not yet cut into datagrams. */
    public static final long HOST_USO = 1L << 56;

    /** What a driver may send only half done. */
    static final long HOST_OFFLOADS = CSUM | HOST_TSO4 | HOST_TSO6 | HOST_ECN | HOST_UFO | HOST_USO;
    /** What a device may deliver only half done. */
    static final long GUEST_OFFLOADS = GUEST_CSUM | GUEST_TSO4 | GUEST_TSO6 | GUEST_ECN | GUEST_UFO | GUEST_USO4 | GUEST_USO6;

    private Feature() {}
}
