/**
 * Protocol headers, packet types, checksums and hashes (DPDK: librte_net).
 *
 * <p>Every protocol is one final class of static methods over a packet and the offset at which the header
 * starts, and all have the same shape:
 *
 * <ul>
 *   <li>{@code LENGTH}, the bytes of the smallest header, and the offsets of the fields;
 *   <li>{@code check(m, at)}, the header's length in bytes, or a negative {@link dev.penstock.net.Reject} code;
 *   <li>{@code field(m, at)} reads and {@code field(m, at, value)} writes one field;
 *   <li>{@code write(m, at, ...)} writes a whole header and returns its length.
 * </ul>
 *
 * <p>ICMPv6 has the header of {@link dev.penstock.net.Icmp}; what IPv6's extension headers share is in
 * {@link dev.penstock.net.Ipv6Extensions}.
 *
 * <p>After {@code check} has given a length, no accessor of that header can leave the packet. Without it they
 * are still safe: {@link dev.penstock.mbuf.Mbuf} raises {@link java.lang.IndexOutOfBoundsException} rather than
 * touch a byte that is not the packet's. Headers must lie in the packet's first segment; what lies beyond it is
 * {@link dev.penstock.net.Reject#TRUNCATED}. Nothing here allocates, but for texts. Values of 8 and 16 bits are
 * given as {@code int}, sequence numbers and other unsigned 32-bit values as {@code long}, addresses as the
 * {@code int} or {@code long} of their bits.
 */
package dev.penstock.net;
