package dev.penstock.apps.testpmd;

import dev.penstock.flow.FlowMeter;
import dev.penstock.flow.FlowMeterInput;
import dev.penstock.flow.FlowPolicy;
import dev.penstock.flow.FlowProfile;
import dev.penstock.meter.Color;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;

/** A port's meter profiles, policies and meters by number. */
final class PortMeters {
    /** What of a meter command is not taken, and DPDK's number for it. */
    enum Part {
        PROFILE_ID("meter profile id", 2), PROFILE("meter profile null", 3), METER_ID("meter id", 5), PARAMETERS("meter params null", 6),
        POLICY_ID("meter policy id", 13), POLICY("meter policy null", 14);

        private final String text;
        private final int number;

        Part(String text, int number) {
            this.text = text;
            this.number = number;
        }
    }

    /** A command that is not taken, in testpmd's words. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(Part part, String why) {
            super(part.text + ": " + why + " (error " + part.number + ")");
        }
    }

    /** A meter, which of its counts are shown, and the tables that say what colour packets have before. */
    static final class Entry {
        final FlowMeter meter;
        long statsMask;
        private boolean previous;
        private Color otherwise = Color.GREEN;
        private List<Color> byDscp = List.of();
        private List<Color> byVlan = List.of();

        Entry(FlowMeter meter, long statsMask) {
            this.meter = meter;
            this.statsMask = statsMask;
        }

        void otherwise(Color color, boolean fromMeterBefore) {
            otherwise = color;
            previous = fromMeterBefore;
            apply();
        }

        /** Colours by DSCP or by VLAN tag; empty, and the header does not count. */
        void table(boolean dscp, List<Color> colors) {
            if (dscp) {
                byDscp = colors;
            } else {
                byVlan = colors;
            }
            apply();
        }

        /** Lets a header count, all of whose values are green until a table is given. */
        void use(boolean dscp) {
            if ((dscp ? byDscp : byVlan).isEmpty()) {
                table(dscp, Collections.nCopies(dscp ? 64 : 16, Color.GREEN));
            }
        }

        boolean uses(boolean dscp) {
            return !(dscp ? byDscp : byVlan).isEmpty();
        }

        private void apply() {
            meter.input(new FlowMeterInput(otherwise, previous, byDscp, byVlan));
        }
    }

    final TreeMap<Integer, FlowProfile> profiles = new TreeMap<>();
    final TreeMap<Integer, FlowPolicy> policies = new TreeMap<>();
    final TreeMap<Integer, Entry> meters = new TreeMap<>();

    FlowProfile profile(int id) {
        return found(profiles, id, Part.PROFILE_ID);
    }

    FlowPolicy policy(int id) {
        return found(policies, id, Part.POLICY_ID);
    }

    Entry meter(int id) {
        return found(meters, id, Part.METER_ID);
    }

    /** Gives a meter another profile. */
    void profile(int meter, int profile) {
        meter(meter).meter.profile(profile(profile));
    }

    private static <T> T found(TreeMap<Integer, T> all, int id, Part part) {
        T one = all.get(id);
        if (one == null) {
            throw new Refused(part, "there is no " + Integer.toUnsignedString(id));
        }
        return one;
    }

    static void unused(TreeMap<Integer, ?> all, int id, Part part) {
        if (all.containsKey(id)) {
            throw new Refused(part, Integer.toUnsignedString(id) + " is there already; delete it first");
        }
    }
}
