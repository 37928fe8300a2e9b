package dev.penstock.flow;

import dev.penstock.flow.FlowException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A pattern's items and where {@link FlowKey} has them: in how many tunnels, and which tag of two. */
final class FlowPattern {
    /** An item at its place. */
    record Place(FlowItem item, int level, boolean second) {
        int headers() {
            return (second ? FlowKey.QINQ : FlowKey.bit(item.type())) | said(1);
        }

        /** Headers of which a field says that they are there, 1, or not, 0. */
        int said(int value) {
            return item.matches().stream().filter(match -> match.mask() == 1 && match.spec() == value && match.last() == value)
                    .mapToInt(match -> match.field().header()).reduce(0, (a, b) -> a | b);
        }

        /** What is said of fields that have a place of their own. */
        List<FlowItem.Match> fields() {
            return item.matches().stream().filter(match -> match.field().header() == 0).toList();
        }

        /** Where a field is in the key. */
        int offset(FlowField field) {
            int offset = !second ? field.offset() : field == FlowField.VLAN_TCI ? FlowKey.SECOND_TCI : FlowKey.SECOND_INNER_TYPE;
            return level * FlowKey.LENGTH + offset;
        }
    }

    private final List<Place> places = new ArrayList<>();
    private int levels = 1;

    /**
     * Finds the places.
     *
     * @param items the pattern
     * @throws FlowException when an item cannot stand where it is
     */
    FlowPattern(List<FlowItem> items) {
        FlowItem.Type above = null;
        boolean second = false;
        for (FlowItem item : items) {
            FlowItem.Type type = item.type();
            boolean next = above == FlowItem.Type.VLAN && type == FlowItem.Type.VLAN && !second;
            if (above != null && above.encloses(type)) {
                levels++;
            } else if (above != null && type.layer() <= above.layer() && !next) {
                throw refused(places.size(), type, " cannot stand behind " + name(above) + ", which is no tunnel");
            }
            if (levels > FlowKey.MAX_LEVELS) {
                throw refused(places.size(), type, " is in more than " + (FlowKey.MAX_LEVELS - 1) + " tunnels");
            }
            second = next;
            if (second && item.matches().stream().anyMatch(match -> match.field() == FlowField.VLAN_HAS_MORE_VLAN)) {
                throw refused(places.size(), type, " has_more_vlan: no more than two tags are looked at");
            }
            places.add(new Place(item, levels - 1, second));
            above = type;
        }
        for (int i = 0; i < places.size(); i++) {
            if ((places.get(i).said(0) & headers(places.get(i).level)) != 0) {
                throw refused(i, places.get(i).item.type(), " says that there is no header that stands in the pattern");
            }
        }
    }

    private static FlowException refused(int index, FlowItem.Type type, String why) {
        return new FlowException(Cause.ITEM, "item " + index + ", " + name(type) + why);
    }

    List<Place> places() {
        return places;
    }

    /** Levels that the key needs, 1 without a tunnel. */
    int levels() {
        return levels;
    }

    /** Headers that a packet must have at a level; behind an IP packet's header that of another one, when that stands there in the pattern. */
    int headers(int level) {
        int headers = places.stream().filter(place -> place.level == level).mapToInt(Place::headers).reduce(0, (a, b) -> a | b);
        for (int i = 1; i < places.size(); i++) {
            FlowItem.Type before = places.get(i - 1).item.type();
            boolean last = places.get(i - 1).level == level && places.get(i).level > level;
            headers |= last && (before == FlowItem.Type.IPV4 || before == FlowItem.Type.IPV6) ? FlowKey.IP_IN_IP : 0;
        }
        return headers;
    }

    /** Headers of which it looks at a field. */
    int wanted() {
        return places.stream().filter(place -> !place.fields().isEmpty()).mapToInt(place -> FlowKey.bit(place.item.type()))
                .reduce(0, (a, b) -> a | b);
    }

    /**
     * Headers that it must not have: those of which a field says so, a tag where Ethernet, or one tag, and the network header
     * stand side by side, and Ethernet where that header and a tunnel's do which can also have a frame in it.
     */
    int absent(int level) {
        int absent = places.stream().filter(place -> place.level == level).mapToInt(place -> place.said(0)).reduce(0, (a, b) -> a | b);
        for (int i = 1; i < places.size(); i++) {
            Place before = places.get(i - 1);
            if (places.get(i).level == level && places.get(i).item.type().layer() == FlowItem.NETWORK) {
                absent |= switch (before.item.type()) {
                    case ETH -> FlowKey.bit(FlowItem.Type.VLAN);
                    case VLAN -> before.second ? 0 : FlowKey.QINQ;
                    // there is always a frame in these
                    case VXLAN, NVGRE -> 0;
                    default -> FlowKey.bit(FlowItem.Type.ETH);
                };
            }
        }
        // a tag that a field says is there need not have an item
        return absent & ~headers(level);
    }

    static String name(FlowItem.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
