package dev.penstock.eal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/** The services of an instance and the lcores that run them (DPDK: rte_service). Control calls by any thread. */
public final class Services {
    private static final Service[] NONE = {};
    private static final long NOTHING_MAPPED_SLEEP_NS = 1_000_000;

    private final List<Lcore> lcores;
    private final Log.Type log;
    private final Map<String, Service> byName = new TreeMap<>();
    private final AtomicReferenceArray<Service[]> mapped = new AtomicReferenceArray<>(Lcore.MAX);

    Services(List<Lcore> lcores, Log.Type log) {
        this.lcores = lcores;
        this.log = log;
        for (int i = 0; i < Lcore.MAX; i++) {
            mapped.set(i, NONE);
        }
    }

    /**
     * Adds a service, stopped and mapped to no lcore (rte_service_component_register).
     *
     * @param name unique in the instance
     * @param threadSafe whether several lcores may run it at once
     * @param callback the work
     * @return the service
     */
    public synchronized Service register(String name, boolean threadSafe, Service.Callback callback) {
        if (byName.containsKey(name)) {
            throw new IllegalArgumentException("service " + name + " exists already; choose another name");
        }
        Service service = new Service(name, threadSafe, callback);
        byName.put(name, service);
        return service;
    }

    /**
     * Removes a service.
     *
     * @param service one that is stopped and not active
     * @throws IllegalStateException when it may still run
     */
    public synchronized void unregister(Service service) {
        if (service.mayBeActive()) {
            throw new IllegalStateException(service + " may be running; stop() it and wait until mayBeActive() is false");
        }
        for (int i = 0; i < Lcore.MAX; i++) {
            change(i, service, false);
        }
        byName.remove(service.name(), service);
    }

    /**
     * Finds a service.
     *
     * @param name its name
     * @return the service, if there is one
     */
    public synchronized Optional<Service> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** @return all services, by name */
    public synchronized List<Service> all() {
        return List.copyOf(byName.values());
    }

    /**
     * Says whether an lcore runs a service (rte_service_map_lcore_set); may be changed while both run.
     *
     * @param service the service
     * @param lcore the lcore
     * @param on whether
     */
    public synchronized void map(Service service, Lcore lcore, boolean on) {
        if (byName.get(service.name()) != service || !lcores.contains(lcore)) {
            throw new IllegalArgumentException(service + " or " + lcore + " is not of this instance");
        }
        change(lcore.id(), service, on);
    }

    private void change(int lcore, Service service, boolean on) {
        List<Service> list = new ArrayList<>(Arrays.asList(mapped.get(lcore)));
        list.remove(service);
        if (on) {
            list.add(service);
        }
        mapped.set(lcore, list.toArray(NONE));
    }

    /**
     * Whether an lcore runs a service.
     *
     * @param service the service
     * @param lcore the lcore
     * @return whether they are mapped
     */
    public boolean mapped(Service service, Lcore lcore) {
        return Arrays.asList(mapped.get(lcore.id())).contains(service);
    }

    /**
     * Has an lcore run what is mapped to it until {@link #stop} (rte_service_lcore_start), or until a service throws, which is logged.
     *
     * @param lcore one that waits; of any role but main
     * @throws IllegalStateException when it runs something
     */
    public void start(Lcore lcore) {
        if (lcore.role() == Lcore.Role.MAIN) {
            throw new IllegalArgumentException(lcore + " runs no services; name service lcores with -S");
        }
        lcore.launch(this::loop);
    }

    /**
     * Ends what {@link #start} began and waits for it (rte_service_lcore_stop).
     *
     * @param lcore the lcore
     * @throws LcoreException when a service threw; the lcore can be started again
     */
    public void stop(Lcore lcore) {
        lcore.requestStop();
        lcore.await();
    }

    /**
     * Starts every service, mapped in turn to the service lcores unless it is mapped already, and starts these
     * lcores (rte_service_start_with_defaults).
     *
     * @throws IllegalStateException when there are services and no service lcore
     */
    public synchronized void startWithDefaults() {
        List<Lcore> cores = lcores.stream().filter(l -> l.role() == Lcore.Role.SERVICE).toList();
        if (cores.isEmpty() && !byName.isEmpty()) {
            throw new IllegalStateException("there is no service lcore for " + byName.keySet() + "; name some with -S");
        }
        int turn = 0;
        for (Service service : byName.values()) {
            if (lcores.stream().noneMatch(l -> mapped(service, l))) {
                change(cores.get(turn++ % cores.size()).id(), service, true);
            }
            service.start();
        }
        cores.stream().filter(l -> l.state() == Lcore.State.WAIT).forEach(this::start);
    }

    private int loop(Lcore self) {
        while (!self.stopRequested()) {
            Service[] services = mapped.get(self.id());
            boolean busy = false;
            for (Service service : services) {
                busy |= run(service, self);
            }
            if (services.length == 0) {
                LockSupport.parkNanos(this, NOTHING_MAPPED_SLEEP_NS);
            } else if (!busy) {
                Thread.onSpinWait();
            }
        }
        return 0;
    }

    private boolean run(Service service, Lcore self) {
        try {
            return service.runIteration();
        } catch (RuntimeException | Error e) {
            log.error(service + " failed, and " + self + " runs no services until it is stopped and started again", e);
            throw e;
        }
    }
}
