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
            return second ? FlowKey.QINQ : FlowKey.bit(item.type());
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
            places.add(new Place(item, levels - 1, second));
            above = type;
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

    /** Headers that a packet must have at a level. */
    int headers(int level) {
        return places.stream().filter(place -> place.level == level).mapToInt(Place::headers).reduce(0, (a, b) -> a | b);
    }

    /** Headers of which it looks at a field. */
    int wanted() {
        return places.stream().filter(place -> !place.item.matches().isEmpty()).mapToInt(place -> FlowKey.bit(place.item.type()))
                .reduce(0, (a, b) -> a | b);
    }

    /** Headers that it must not have: a tag where Ethernet, or one tag, and the network header stand side by side. */
    int absent(int level) {
        int absent = 0;
        for (int i = 1; i < places.size(); i++) {
            Place before = places.get(i - 1);
            if (places.get(i).level == level && before.level == level && places.get(i).item.type().layer() == 4) {
                absent |= before.item.type() == FlowItem.Type.ETH ? FlowKey.bit(FlowItem.Type.VLAN)
                        : before.item.type() == FlowItem.Type.VLAN && !before.second ? FlowKey.QINQ : 0;
            }
        }
        return absent;
    }

    static String name(FlowItem.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
