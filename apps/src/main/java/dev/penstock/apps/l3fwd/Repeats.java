package dev.penstock.apps.l3fwd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which rules of a file say again what an earlier line said. */
final class Repeats {
    private static final int SAID = 5;

    private final Map<Object, Integer> lines = new HashMap<>();
    private final List<String> said = new ArrayList<>();
    private int count;

    /**
     * Takes a rule.
     *
     * @param line its line, of which all fields that tell rules apart have been read
     * @param what tells it apart
     * @param name what errors call that
     * @param holds which of two lines holds
     */
    void add(RuleLine line, Object what, String name, String holds) {
        Integer before = lines.put(what, line.number());
        if (before != null && count++ < SAID) {
            said.add(line.note(name + " is as in line " + before + "; the " + holds + " holds"));
        }
    }

    /** How many rules do not hold, since another line has the same. */
    int count() {
        return count;
    }

    /** A line for each of the first few, and how many more there are. */
    List<String> texts() {
        List<String> texts = new ArrayList<>(said);
        if (count > SAID) {
            texts.add(count - SAID + " more rules are as in earlier lines");
        }
        return texts;
    }
}
