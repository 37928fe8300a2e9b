package dev.penstock.apps.testpmd;

import dev.penstock.flow.FlowField;
import dev.penstock.flow.FlowItem;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.MacAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a pattern says of one field, or of some bits of it: {@code vid} and {@code pcp} are parts of a tag's {@code tci}. */
final class FlowValue {
    private static final int ADDRESS_BITS = 128;

    /** Some bits of a field that have a name of their own. */
    private record Part(FlowField field, int shift, long bits) {}

    private static final Map<String, Part> PARTS = Map.of("VLAN vid", new Part(FlowField.VLAN_TCI, 0, 0xfff),
            "VLAN dei", new Part(FlowField.VLAN_TCI, 12, 1), "VLAN pcp", new Part(FlowField.VLAN_TCI, 13, 7),
            "GRE c_bit", new Part(FlowField.GRE_FLAGS, 15, 1), "GRE k_bit", new Part(FlowField.GRE_FLAGS, 13, 1),
            "GRE s_bit", new Part(FlowField.GRE_FLAGS, 12, 1));

    private final FlowField field;
    private final int shift;
    private final long bits;
    /** Bits of an IPv6 address that come before this field. */
    private final int before;
    private long spec;
    private long last;
    private long mask;
    private boolean begun;
    private boolean range;

    private FlowValue(FlowField field, int shift, long bits, int before) {
        this.field = field;
        this.shift = shift;
        this.bits = bits;
        this.before = before;
    }

    /** Names of parts of an item's fields. */
    static List<String> parts(FlowItem.Type type) {
        return PARTS.keySet().stream().filter(name -> name.startsWith(type + " ")).map(name -> name.substring(name.indexOf(' ') + 1)).sorted().toList();
    }

    /** The parts that a field's name stands for: two for an IPv6 address, else one. */
    static List<FlowValue> of(FlowItem.Type type, String word) {
        Part part = PARTS.get(type + " " + word);
        if (part != null) {
            return List.of(new FlowValue(part.field, part.shift, part.bits, 0));
        }
        List<FlowValue> values = Arrays.stream(FlowField.values())
                .filter(f -> f.item() == type && (f.word().equals(word) || f.word().replaceFirst("_(high|low)$", "").equals(word)))
                .map(f -> new FlowValue(f, 0, f.max(), f.word().endsWith("_low") ? 64 : 0)).toList();
        if (values.isEmpty()) {
            throw new IllegalArgumentException("flow: " + FlowSyntax.name(type) + " has no field '" + word + "'; there are "
                    + String.join(", ", FlowSyntax.fields(type)));
        }
        return values;
    }

    boolean sameAs(FlowValue other) {
        return field == other.field;
    }

    /** Says more of it. */
    void say(FlowValue part, String how, String text) {
        switch (how) {
            case "is" -> {
                put(part, part.value(text));
                mask |= part.bits << part.shift;
            }
            case "spec" -> {
                put(part, part.value(text));
                mask |= (mask & part.bits << part.shift) == 0 ? part.bits << part.shift : 0;
            }
            case "mask" -> mask = mask & ~(part.bits << part.shift) | part.value(text) << part.shift;
            case "last" -> {
                last = last & ~(part.bits << part.shift) | part.value(text) << part.shift;
                range = last != 0 || !part.isZero(text);
            }
            case "prefix" -> mask = mask & ~(part.bits << part.shift) | part.prefix(text) << part.shift;
            default -> throw new IllegalArgumentException("flow: '" + how + "' behind a field; give is, spec, last, mask or prefix");
        }
    }

    /** Whether a last value says nothing, as one of 0 does with rte_flow; that of an address, when all of it is 0. */
    private boolean isZero(String text) {
        return switch (field) {
            case IPV6_SRC_HIGH, IPV6_SRC_LOW, IPV6_DST_HIGH, IPV6_DST_LOW -> address(text).equals(new Ipv6Address(0, 0));
            default -> value(text) == 0;
        };
    }

    private void put(FlowValue part, long value) {
        begun = true;
        spec = spec & ~(part.bits << part.shift) | value << part.shift;
    }

    private long prefix(String text) {
        int width = Long.SIZE - Long.numberOfLeadingZeros(bits);
        int wide = width == Long.SIZE ? ADDRESS_BITS : width;
        int length = (int) FlowWords.number("a prefix length", text, wide);
        int here = Math.clamp(length - before, 0, width);
        return here == 0 ? 0 : bits & bits << width - here;
    }

    private long value(String text) {
        String name = name();
        return switch (field) {
            case IPV4_SRC, IPV4_DST, ARP_SPA, ARP_TPA -> FlowWords.address(name, text, Ipv4Address::parse) & 0xffff_ffffL;
            case ETH_SRC, ETH_DST, ARP_SHA, ARP_THA -> FlowWords.address(name, text, MacAddress::parse);
            case IPV6_SRC_HIGH, IPV6_SRC_LOW, IPV6_DST_HIGH, IPV6_DST_LOW -> {
                Ipv6Address address = address(text);
                yield before == 0 ? address.high() : address.low();
            }
            default -> FlowWords.number(name, text, bits);
        };
    }

    private Ipv6Address address(String text) {
        return FlowWords.address(name().replaceFirst("_(high|low)$", ""), text, Ipv6Address::parse);
    }

    private String name() {
        return FlowSyntax.name(field.item()) + " " + field.word();
    }

    /** Whether a value of it is said, and not just which of its bits count. */
    boolean hasSpec() {
        return begun;
    }

    /** The item with this said. A range is of what the mask leaves, as with rte_flow, so its mask is a prefix: what is behind it may be anything. */
    FlowItem with(FlowItem item) {
        String name = name();
        if (range && !begun) {
            throw new IllegalArgumentException("flow: " + name + " has a last value and no first one; give its spec");
        }
        boolean ranges = range && last != spec;
        if (ranges && (free() & free() + 1) != 0) {
            throw new IllegalArgumentException("flow: a range of bits 0x" + Long.toHexString(mask) + " of " + name
                    + " is not matched in software; give one of its first bits, or a rule for each value");
        }
        return ranges ? item.range(field, from(), to()) : item.masked(field, spec, mask);
    }

    /** Bits that may be anything. */
    private long free() {
        return field.max() & ~mask;
    }

    private long from() {
        return spec & mask;
    }

    private long to() {
        return last & mask | free();
    }

    /** Whether the range of an IPv6 address, of which these are the halves, is not that of each half alone. */
    boolean splits(FlowValue second) {
        return range && second.field.ordinal() == field.ordinal() + 1 && second.before > 0 && from() != to()
                && (second.from() != 0 || second.to() != -1);
    }
}
