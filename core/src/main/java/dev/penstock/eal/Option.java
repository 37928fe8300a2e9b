package dev.penstock.eal;

/** The EAL's options: DPDK's names and meanings, our words. */
enum Option {
    COREMASK("", 'c', "MASK", "cores as a hexadecimal mask", null),
    CORELIST("", 'l', "LIST", "cores such as 0-2,4", null),
    LCORES("lcores", ' ', "MAP", "lcores and the CPUs they run on, such as 0,(1,2)@(4-6)", null),
    MAIN_LCORE("main-lcore", ' ', "ID", "which lcore is the main one; the lowest unless given", null),
    SERVICE_COREMASK("", 's', "MASK", "cores that run services, as a mask", null),
    SERVICE_CORELIST("", 'S', "LIST", "cores that run services, as a list", null),
    MEMORY("", 'm', "MB", "memory to take at start, in MB; more is taken when needed", null),
    SOCKET_MEM("socket-mem", ' ', "MB,..", "memory to take at start on each NUMA node", null),
    SOCKET_LIMIT("socket-limit", ' ', "MB,..", "the most memory to take on each NUMA node; 0 means no limit", null),
    CHANNELS("", 'n', "N", "memory channels over which pools spread their objects", null),
    RANKS("", 'r', "N", "memory ranks, 1 to 16, over which pools spread their objects", null),
    NO_HUGE("no-huge", ' ', null, "no reserved huge pages", null),
    IN_MEMORY("in-memory", ' ', null, "create no file", null),
    LEGACY_MEM("legacy-mem", ' ', null, "take no more memory than -m or --socket-mem says", null),
    HUGE_DIR("huge-dir", ' ', "DIR", "a mounted hugetlbfs", "huge pages are taken from the kernel without a mount"),
    HUGE_UNLINK("huge-unlink", ' ', "[=WHEN]", "existing, always or never: when to remove huge-page files",
            "there are no huge-page files"),
    SINGLE_FILE_SEGMENTS("single-file-segments", ' ', null, "one file for all huge pages",
            "each piece of memory has one descriptor already"),
    MATCH_ALLOCATIONS("match-allocations", ' ', null, "give pages back exactly as they were taken",
            "memory is always given back so"),
    HUGE_WORKER_STACK("huge-worker-stack", ' ', "[=KB]", "stacks of workers in huge pages",
            "the JVM makes the stacks; use -Xss for their size"),
    BASE_VIRTADDR("base-virtaddr", ' ', "ADDRESS", "where to map memory", "the kernel chooses the address"),
    FILE_PREFIX("file-prefix", ' ', "NAME", "name of this instance's run-time folder", null),
    PROC_TYPE("proc-type", ' ', "TYPE", "primary or auto", null),
    NO_SHCONF("no-shconf", ' ', null, "share no configuration with other processes", "none is shared"),
    VDEV("vdev", ' ', "DEVICE", "a virtual device, such as net_null0,size=64; may be repeated", null),
    ALLOW("allow", 'a', "DEVICE", "use this device; for a virtual one as --vdev; may be repeated", null),
    BLOCK("block", 'b', "DEVICE", "do not use this PCI device; may be repeated", "there are no PCI devices here"),
    NO_PCI("no-pci", ' ', null, "no PCI devices", null),
    DRIVERS("", 'd', "PATH", "a driver to load, or a folder of them", "put drivers on the class path"),
    IOVA_MODE("iova-mode", ' ', "MODE", "pa or va: addresses that devices see", null),
    VFIO_INTR("vfio-intr", ' ', "MODE", "legacy, msi or msix", "there are no VFIO devices"),
    VFIO_VF_TOKEN("vfio-vf-token", ' ', "UUID", "token shared with the physical function",
            "there are no VFIO devices"),
    CREATE_UIO_DEV("create-uio-dev", ' ', null, "create /dev/uioX", "there are no UIO devices"),
    MBUF_POOL_OPS("mbuf-pool-ops-name", ' ', "NAME", "how packet pools keep their objects", null),
    SIMD("force-max-simd-bitwidth", ' ', "BITS", "widest vector to use: 64, 128, 256, 512; 0 means no limit",
            "the JVM chooses the width; PENSTOCK_JVM=-XX:UseAVX=N bounds it"),
    LOG_LEVEL("log-level", ' ', "LEVEL", "LEVEL, GLOB:LEVEL or REGEX,LEVEL; 'help' lists them; may be repeated", null),
    SYSLOG("syslog", ' ', "[=FACILITY]", "facility of the system log", "the log goes to standard error"),
    TRACE("trace", ' ', "REGEX", "trace points to enable", "use Java Flight Recorder"),
    TRACE_DIR("trace-dir", ' ', "DIR", "where traces go", "use Java Flight Recorder"),
    TRACE_BUFSZ("trace-bufsz", ' ', "SIZE", "bytes of trace for a thread", "use Java Flight Recorder"),
    TRACE_MODE("trace-mode", ' ', "MODE", "overwrite or discard", "use Java Flight Recorder"),
    TELEMETRY("telemetry", ' ', null, "offer telemetry (so it is unless --no-telemetry)", null),
    NO_TELEMETRY("no-telemetry", ' ', null, "offer no telemetry", null),
    NO_HPET("no-hpet", ' ', null, "no HPET timer", "the clock is the JVM's"),
    VMWARE_TSC_MAP("vmware-tsc-map", ' ', null, "VMware's cycle counter", "the clock is the JVM's"),
    VERSION("", 'v', null, "print the version at start", null),
    HELP("help", 'h', null, "this help", null);

    /** Without the dashes, or empty. */
    final String longName;
    /** Or a blank. */
    final char shortName;
    /** Placeholder of the value, null when it takes none, in square brackets when it may be left out. */
    final String value;
    final String about;
    /** Why it does nothing, or null when it does something. */
    final String noEffect;

    Option(String longName, char shortName, String value, String about, String noEffect) {
        this.longName = longName;
        this.shortName = shortName;
        this.value = value;
        this.about = about;
        this.noEffect = noEffect;
    }

    boolean needsValue() {
        return value != null && !optionalValue();
    }

    boolean optionalValue() {
        return value != null && value.startsWith("[");
    }

    /** As a user writes it. */
    String dashed() {
        return longName.isEmpty() ? "-" + shortName : "--" + longName;
    }
}
