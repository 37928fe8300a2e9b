package dev.penstock.mbuf;

/**
 * What is known of a packet beside its bytes: where it came from, what it holds, what is asked of the
 * hardware. Every {@link Mbuf} is one; there is no other kind.
 *
 * <p>A fresh packet has no port, no flags, no type, no tags and no lengths. Hash, timestamp and flow mark
 * are meaningful only when {@link #olFlags()} says so and are not cleared. Plain fields: one thread owns a
 * packet at a time.
 */
public abstract sealed class MbufMetadata permits Mbuf {
    /** The port of a packet that came from none. */
    public static final int NO_PORT = 0xffff;

    long olFlags;
    long txOffload;
    /** Packet type in the upper half, then outer and inner VLAN tag: one store makes a packet fresh. */
    long typeAndTags;
    int port = NO_PORT;
    int rssHash;
    int fdirId;
    long timestamp;

    MbufMetadata() {}

    /** @return the port it came from, or {@link #NO_PORT} */
    public final int port() {
        return port;
    }

    /** @param port number of the port it came from, 0 to 65535 */
    public final void port(int port) {
        this.port = port;
    }

    /** @return the offload flags, see {@link OlFlags} */
    public final long olFlags() {
        return olFlags;
    }

    /** @param flags the offload flags, see {@link OlFlags} */
    public final void olFlags(long flags) {
        olFlags = flags;
    }

    /** @return the packet type (DPDK: RTE_PTYPE bits), 0 when unknown */
    public final int packetType() {
        return (int) (typeAndTags >>> 32);
    }

    /** @param type the packet type (DPDK: RTE_PTYPE bits) */
    public final void packetType(int type) {
        typeAndTags = (long) type << 32 | typeAndTags & 0xffff_ffffL;
    }

    /** @return the VLAN tag control information, the inner one of two; valid as {@link #olFlags()} says */
    public final int vlanTci() {
        return (int) typeAndTags & 0xffff;
    }

    /** @param tci tag control information, its lower 16 bits are kept */
    public final void vlanTci(int tci) {
        typeAndTags = typeAndTags & ~0xffffL | tci & 0xffff;
    }

    /** @return the outer VLAN tag control information; valid as {@link #olFlags()} says */
    public final int vlanTciOuter() {
        return (int) (typeAndTags >>> 16) & 0xffff;
    }

    /** @param tci tag control information, its lower 16 bits are kept */
    public final void vlanTciOuter(int tci) {
        typeAndTags = typeAndTags & ~0xffff_0000L | (tci & 0xffffL) << 16;
    }

    /** @return the RSS hash; valid with {@link OlFlags#RX_RSS_HASH} */
    public final int rssHash() {
        return rssHash;
    }

    /** @param hash the RSS hash */
    public final void rssHash(int hash) {
        rssHash = hash;
    }

    /** @return the mark that a flow rule left; valid with {@link OlFlags#RX_FDIR_ID} */
    public final int fdirId() {
        return fdirId;
    }

    /** @param id the mark of a flow rule */
    public final void fdirId(int id) {
        fdirId = id;
    }

    /** @return when it was received or shall be sent, in ns or in units of the device */
    public final long timestamp() {
        return timestamp;
    }

    /** @param timestamp when it was received or shall be sent */
    public final void timestamp(long timestamp) {
        this.timestamp = timestamp;
    }

    /** @return all offload lengths as one number, laid out as {@link HeaderLengths} says */
    public final long txOffload() {
        return txOffload;
    }

    /** @param lengths all offload lengths, made by {@link HeaderLengths#pack} */
    public final void txOffload(long lengths) {
        txOffload = lengths;
    }

    /** @return length of the (inner) link header in bytes; for a tunnel, from the outer L4 header on */
    public final int l2Len() {
        return HeaderLengths.l2Len(txOffload);
    }

    /** @param bytes 0 to 127 */
    public final void l2Len(int bytes) {
        txOffload = HeaderLengths.l2Len(txOffload, bytes);
    }

    /** @return length of the (inner) network header in bytes */
    public final int l3Len() {
        return HeaderLengths.l3Len(txOffload);
    }

    /** @param bytes 0 to 511 */
    public final void l3Len(int bytes) {
        txOffload = HeaderLengths.l3Len(txOffload, bytes);
    }

    /** @return length of the (inner) transport header in bytes */
    public final int l4Len() {
        return HeaderLengths.l4Len(txOffload);
    }

    /** @param bytes 0 to 255 */
    public final void l4Len(int bytes) {
        txOffload = HeaderLengths.l4Len(txOffload, bytes);
    }

    /** @return bytes of payload in each segment that is cut from the packet */
    public final int tsoSegsz() {
        return HeaderLengths.tsoSegsz(txOffload);
    }

    /** @param bytes 0 to 65535 */
    public final void tsoSegsz(int bytes) {
        txOffload = HeaderLengths.tsoSegsz(txOffload, bytes);
    }

    /** @return length of the outer network header in bytes */
    public final int outerL3Len() {
        return HeaderLengths.outerL3Len(txOffload);
    }

    /** @param bytes 0 to 511 */
    public final void outerL3Len(int bytes) {
        txOffload = HeaderLengths.outerL3Len(txOffload, bytes);
    }

    /** @return length of the outer link header in bytes */
    public final int outerL2Len() {
        return HeaderLengths.outerL2Len(txOffload);
    }

    /** @param bytes 0 to 127 */
    public final void outerL2Len(int bytes) {
        txOffload = HeaderLengths.outerL2Len(txOffload, bytes);
    }

    /**
     * Checks that the flags and lengths ask for something that can be done (DPDK: rte_validate_tx_offload).
     *
     * @return null when they do, else what is wrong
     */
    public final String validateTxOffload() {
        return HeaderLengths.validate(olFlags, txOffload);
    }
}
