package dev.penstock.apps.testpmd;

import dev.penstock.eal.Lcore;
import java.util.ArrayList;
import java.util.List;

/** Choices that options and commands share: mode, lcores, ports, lengths. Each says what it did, or why not. */
final class Selection {
    private final Testpmd app;
    private final Settings s;

    Selection(Testpmd app) {
        this.app = app;
        this.s = app.settings;
    }

    void mode(String word, boolean retry) {
        s.retry = retry;
        Mode mode = Mode.of(word);
        if (mode == null) {
            app.console.error("Invalid " + word + " packet forwarding mode");
            return;
        }
        app.console.println("Set " + word + " packet forwarding mode" + (retry ? " with retry" : ""));
        s.mode = mode;
    }

    /** Chooses the lcores that forward; false when one cannot. */
    boolean lcores(List<Integer> ids) {
        if (ids.isEmpty()) {
            app.console.error("Invalid NULL mask of cores");
            return false;
        }
        if (duplicated(ids, "core")) {
            return false;
        }
        for (int id : ids) {
            Lcore lcore = app.eal.lcores().stream().filter(l -> l.id() == id).findFirst().orElse(null);
            if (lcore == null) {
                app.console.error("lcore " + id + " not enabled");
                return false;
            }
            if (lcore.role() == Lcore.Role.MAIN) {
                app.console.error("lcore " + id + " cannot be masked on for running packet forwarding, which is the main lcore"
                        + " and reserved for command line parsing only");
                return false;
            }
        }
        s.coreList = new ArrayList<>(ids);
        if (s.cores != ids.size()) {
            app.console.println("previous number of forwarding cores " + s.cores + " - changed to number of configured cores "
                    + ids.size());
            s.cores = ids.size();
        }
        return true;
    }

    private boolean duplicated(List<Integer> ids, String what) {
        for (int i = 0; i < ids.size(); i++) {
            int again = ids.subList(i + 1, ids.size()).indexOf(ids.get(i));
            if (again >= 0) {
                app.console.error("duplicated " + what + " " + ids.get(i) + " at index " + i + " and " + (i + 1 + again));
                return true;
            }
        }
        return false;
    }

    /** Chooses the ports that forward. */
    void ports(List<Integer> ids) {
        if (ids.isEmpty()) {
            app.console.error("Invalid NULL mask of ports");
            return;
        }
        if (duplicated(ids, "port")) {
            return;
        }
        for (int id : ids) {
            if (app.port(id) == null) {
                return;
            }
        }
        s.portList = new ArrayList<>(ids);
        if (s.ports != ids.size()) {
            app.console.println("previous number of forwarding ports " + s.ports + " - changed to number of configured ports "
                    + ids.size());
            s.ports = ids.size();
        }
    }

    /** Chooses the lengths of the segments that txonly makes. */
    void txLengths(int[] lengths) {
        if (lengths.length > Settings.MAX_SEGMENTS) {
            app.console.error("Tx segment size(" + lengths.length + ") is bigger than max number of segment("
                    + Settings.MAX_SEGMENTS + ")");
            return;
        }
        int room = s.mbufSizes.get(0);
        int sum = 0;
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] > room) {
                app.console.error("length[" + i + "]=" + lengths[i] + " > mbuf_data_size=" + room + " - give up");
                return;
            }
            sum += lengths[i];
        }
        if (sum < TxOnlyEngine.HEADERS || sum > 0xffff) {
            app.console.error("total packet length=" + sum + (sum < TxOnlyEngine.HEADERS ? " < " + TxOnlyEngine.HEADERS
                    : " > 65535") + " - give up");
            return;
        }
        s.txLengths = lengths;
    }
}
