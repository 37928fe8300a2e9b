package dev.penstock.acl;

/** What a rule says about a field, in its value and its mask or range (DPDK: RTE_ACL_FIELD_TYPE_*). */
public enum AclFieldType {
    /** A value, and how many of its first bits count: an address and its prefix length. */
    MASK,
    /** The least and the greatest value, both of them meant: ports. An exact value is a range of one. */
    RANGE,
    /** A value, and a mask of the bits that count: a protocol, flags. */
    BITMASK
}
