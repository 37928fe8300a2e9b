package dev.penstock.ethdev;

import dev.penstock.eal.Eal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/** The ports of one {@link Eal}: probed by name, attached and detached at any time. Used by one thread at a time. */
public final class Ports implements AutoCloseable {
    /** How many ports an instance can have (DPDK: RTE_MAX_ETHPORTS). */
    public static final int MAX_PORTS = 1024;

    private final Eal eal;
    private final Map<String, PortDriver> drivers = new LinkedHashMap<>();
    private final List<Port> ports = new CopyOnWriteArrayList<>();
    private final PortTelemetry telemetry = new PortTelemetry(this);
    private final List<Runnable> services = new ArrayList<>();

    /**
     * No ports yet.
     *
     * @param eal the instance they will belong to
     */
    public Ports(Eal eal) {
        this.eal = eal;
        for (PortDriver driver : ServiceLoader.load(PortDriver.class)) {
            drivers.put(driver.name(), driver);
            driver.aliases().forEach(alias -> drivers.put(alias, driver));
        }
        telemetry.register(eal.telemetry());
        ServiceLoader.load(PortsService.class).forEach(s -> services.add(s.start(this)));
    }

    /**
     * Makes a port (DPDK: hot plug, {@code --vdev}).
     *
     * @param devargs name and arguments, such as {@code net_null0,size=64}
     * @return the port, not configured
     * @throws IllegalArgumentException when the driver or an argument is unknown
     */
    public Port attach(String devargs) {
        int comma = devargs.indexOf(',');
        String name = comma < 0 ? devargs : devargs.substring(0, comma);
        String arguments = comma < 0 ? "" : devargs.substring(comma + 1);
        checkFree(name);
        // before a device is made that gets none
        freeId();
        // A driver may attach the ports that its own stands on, so the number is taken afterwards.
        return add(name, arguments, probe(name, arguments), true);
    }

    /**
     * Makes a port of a device that a program made itself, such as one on its own rings. Such a port
     * can't be reset.
     *
     * @param name unique among the ports
     * @param device the device, of no port yet
     * @return the port, not configured
     * @throws IllegalArgumentException when the name is taken
     */
    public Port attach(String name, Device device) {
        checkFree(name);
        return add(name, "", device, false);
    }

    private void checkFree(String name) {
        if (byName(name) != null) {
            throw new IllegalArgumentException("there is a port named " + name + " already; give another number at its end");
        }
    }

    private Port add(String name, String arguments, Device device, boolean probed) {
        int id = freeId();
        Port port = new Port(this, id, name, arguments, device, probed);
        while (ports.size() <= id) {
            ports.add(null);
        }
        ports.set(id, port);
        return port;
    }

    /** Makes a port's device anew, under the same number. */
    Port renew(Port old) {
        Device device;
        try {
            device = probe(old.name(), old.devargs());
        } catch (RuntimeException e) {
            remove(old);
            throw e;
        }
        Port port = new Port(this, old.id(), old.name(), old.devargs(), device, true);
        ports.set(old.id(), port);
        return port;
    }

    private Device probe(String name, String arguments) {
        PortDriver driver = driver(name);
        Map<String, List<String>> map = DeviceArguments.parse(name, arguments, driver.parameters());
        try {
            return driver.probe(eal, new PortDriver.Request(name, map, this));
        } catch (IllegalArgumentException e) {
            throw e.getMessage() == null || e.getMessage().contains(name) ? e : new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private PortDriver driver(String name) {
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        PortDriver driver = drivers.get(name);
        if (driver == null) {
            driver = drivers.get(name.substring(0, end));
        }
        if (driver == null) {
            for (Map.Entry<String, PortDriver> entry : drivers.entrySet()) {
                if (name.startsWith(entry.getKey())) {
                    return entry.getValue();
                }
            }
            throw new IllegalArgumentException("no driver for '" + name + "'; there are " + String.join(", ", new TreeSet<>(drivers.keySet())));
        }
        return driver;
    }

    private int freeId() {
        for (int i = 0; i < ports.size(); i++) {
            if (ports.get(i) == null) {
                return i;
            }
        }
        if (ports.size() >= MAX_PORTS) {
            throw new IllegalArgumentException("more than " + MAX_PORTS + " ports");
        }
        return ports.size();
    }

    /** @return all ports that no other port owns, by number */
    public List<Port> list() {
        return ports.stream().filter(p -> p != null && p.owner() == null).toList();
    }

    /**
     * A port by number.
     *
     * @param id the number
     * @return the port
     * @throws IllegalArgumentException when there is none
     */
    public Port port(int id) {
        Port port = id < 0 || id >= ports.size() ? null : ports.get(id);
        if (port == null) {
            throw new IllegalArgumentException("Invalid port " + id);
        }
        return port;
    }

    /**
     * A port by name.
     *
     * @param name the device's name
     * @return the port, or null
     */
    public Port byName(String name) {
        for (Port port : ports) {
            if (port != null && port.name().equals(name)) {
                return port;
            }
        }
        return null;
    }

    /** @return the instance that the ports belong to */
    public Eal eal() {
        return eal;
    }

    void remove(Port port) {
        if (port.id() < ports.size() && ports.get(port.id()) == port) {
            ports.set(port.id(), null);
        }
    }

    /** Closes all ports, those that stand on others first. What one of them throws is thrown when all are closed. */
    @Override
    public void close() {
        telemetry.unregister(eal.telemetry());
        services.forEach(Runnable::run);
        services.clear();
        RuntimeException first = null;
        for (int pass = 0; pass < 2; pass++) {
            for (Port port : List.copyOf(ports.stream().filter(p -> p != null).toList().reversed())) {
                try {
                    if (pass == 1 || port.owner() == null) {
                        port.close();
                    }
                } catch (RuntimeException e) {
                    first = first == null ? e : first;
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
