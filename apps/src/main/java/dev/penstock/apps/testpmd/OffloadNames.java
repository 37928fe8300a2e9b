package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.TxOffload;

/** Finds an offload by the name that DPDK prints, in small letters or large. */
final class OffloadNames {
    private OffloadNames() {}

    /** The bit, or 0 when there is none of that name. */
    static long bit(String name, boolean rx) {
        for (int i = 0; i < 63; i++) {
            String known = (rx ? RxOffload.names(1L << i) : TxOffload.names(1L << i)).strip();
            if (!known.equals("UNKNOWN") && known.equalsIgnoreCase(name)) {
                return 1L << i;
            }
        }
        return 0;
    }
}
