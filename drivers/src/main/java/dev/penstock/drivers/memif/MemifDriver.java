package dev.penstock.drivers.memif;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import java.util.Set;

/** Makes {@code net_memif} ports, with DPDK's device arguments. */
public final class MemifDriver implements PortDriver {
    /** For the service loader. */
    public MemifDriver() {}

    @Override
    public String name() {
        return "net_memif";
    }

    @Override
    public Set<String> parameters() {
        return Set.of("role", "id", "socket", "socket-abstract", "bsize", "rsize", "mac", "secret", "zero-copy", "owner-uid",
                "owner-gid");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_memif");
        Log.Type log = eal.log("pmd.net.memif", "PMD");
        MemifArguments arguments = MemifArguments.of(request);
        for (String key : new String[] {"owner-uid", "owner-gid"}) {
            if (!request.all(key).isEmpty() && !request.text(key, "").equals("no")) {
                log.warning(request.name() + ": " + key + "=" + request.text(key, "") + " has no effect");
            }
        }
        return new MemifDevice(eal, arguments, log);
    }
}
