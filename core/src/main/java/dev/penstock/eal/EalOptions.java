package dev.penstock.eal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * DPDK's EAL arguments, read and checked against each other, not yet against the machine.
 *
 * <p>Made by {@link Eal#start}; applications and drivers read from it what concerns them.
 */
public final class EalOptions {
    private static final long MB = 1 << 20;
    private static final long MAX_MB = 1L << 30;

    private final Set<Option> present = EnumSet.noneOf(Option.class);
    private final List<String> vdevs = new ArrayList<>();
    private final List<String> allowed = new ArrayList<>();
    private final List<String> blocked = new ArrayList<>();
    private final List<String> logLevels = new ArrayList<>();
    private final List<String> remaining;
    private final List<String> arguments;
    private SortedMap<Integer, BitSet> lcores;
    private BitSet serviceCores = new BitSet();
    private int mainLcore = -1;
    private long memory;
    private long[] socketMem = {};
    private long[] socketLimit = {};
    private int channels;
    private int ranks;
    private String filePrefix = "rte";
    private String mbufPoolOps = "";
    private boolean iovaPa;
    private int maxSimdBitwidth = 512;

    private EalOptions(CommandLine line) {
        remaining = line.remaining;
        arguments = line.arguments;
        for (CommandLine.Given given : line.given) {
            present.add(given.option());
            read(given.option(), given.value());
        }
        checkTogether();
    }

    /** Reads the arguments up to {@code --}. */
    static EalOptions parse(String... args) {
        return new EalOptions(new CommandLine(args));
    }

    private void read(Option option, String value) {
        String name = option.dashed();
        switch (option) {
            case COREMASK -> lcores = each(CoreList.mask(name, value));
            case CORELIST -> lcores = each(CoreList.list(name, value));
            case LCORES -> lcores = CoreList.map(name, value);
            case MAIN_LCORE -> mainLcore = (int) number(name, value, 0, Lcore.MAX - 1);
            case SERVICE_COREMASK -> serviceCores = CoreList.mask(name, value);
            case SERVICE_CORELIST -> serviceCores = CoreList.list(name, value);
            case MEMORY -> memory = number(name, value, 1, MAX_MB) * MB;
            case SOCKET_MEM -> socketMem = megabytes(name, value);
            case SOCKET_LIMIT -> socketLimit = megabytes(name, value);
            case CHANNELS -> channels = (int) number(name, value, 1, Integer.MAX_VALUE);
            case RANKS -> ranks = (int) number(name, value, 1, 16);
            case FILE_PREFIX -> filePrefix = fileName(name, value);
            case VDEV -> vdev(DeviceArgs.parse(value));
            case ALLOW -> allow(DeviceArgs.parse(value));
            case BLOCK -> blocked.add(DeviceArgs.parse(value).text());
            case IOVA_MODE -> iovaPa = choice(name, value, "pa", "va").equals("pa");
            case HUGE_UNLINK -> choice(name, value == null ? "always" : value, "existing", "always", "never");
            case VFIO_INTR -> choice(name, value, "legacy", "msi", "msix");
            case TRACE_MODE -> choice(name, value, "o", "overwrite", "d", "discard");
            case HUGE_WORKER_STACK -> number(name, value == null ? "1" : value, 1, MAX_MB);
            case BASE_VIRTADDR -> address(name, value);
            case PROC_TYPE -> processType(name, value);
            case MBUF_POOL_OPS -> mbufPoolOps = value;
            case SIMD -> maxSimdBitwidth = simd(name, value);
            case LOG_LEVEL -> logLevel(name, value);
            default -> { }
        }
    }

    /** A virtual device that is allowed is made, as in DPDK. */
    private void allow(DeviceArgs device) {
        allowed.add(device.text());
        if (!isPci(device.name())) {
            vdev(device);
        }
    }

    /** One that is named again is one device, with the arguments given last, as in DPDK. */
    private void vdev(DeviceArgs device) {
        for (int i = 0; i < vdevs.size(); i++) {
            if (DeviceArgs.parse(vdevs.get(i)).name().equals(device.name())) {
                vdevs.set(i, device.text());
                return;
            }
        }
        vdevs.add(device.text());
    }

    static boolean isPci(String name) {
        return name.matches("([0-9a-fA-F]{1,8}:)?[0-9a-fA-F]{1,2}:[0-9a-fA-F]{1,2}\\.[0-7]");
    }

    private void checkTogether() {
        List<Option> cores = both(Option.COREMASK, Option.CORELIST, Option.LCORES);
        if (cores.size() > 1) {
            throw new IllegalArgumentException(join(cores) + " each name the cores to use; give one of them");
        }
        if (both(Option.SERVICE_COREMASK, Option.SERVICE_CORELIST).size() > 1) {
            throw new IllegalArgumentException("-s and -S each name the service cores; give one of them");
        }
        conflict(Option.MEMORY, Option.SOCKET_MEM, "-m N is shared out among the NUMA nodes; give one of them");
        conflict(Option.NO_HUGE, Option.SOCKET_MEM, "without huge pages the amount is given with -m");
        conflict(Option.NO_HUGE, Option.HUGE_UNLINK, "without huge pages there is nothing to unlink");
        conflict(Option.NO_HUGE, Option.HUGE_WORKER_STACK, "stacks cannot be in huge pages then");
        conflict(Option.ALLOW, Option.BLOCK, "devices are either allowed or blocked; give one of them");
        conflict(Option.TELEMETRY, Option.NO_TELEMETRY, "give one of them");
        conflict(Option.LEGACY_MEM, Option.MATCH_ALLOCATIONS, "legacy memory is never given back; leave one out");
        conflict(Option.LEGACY_MEM, Option.IN_MEMORY, "leave one out");
        if (mainLcore >= 0 && lcores != null && !lcores.containsKey(mainLcore)) {
            throw new IllegalArgumentException("--main-lcore " + mainLcore + ": not among the lcores "
                    + lcores.keySet() + "; add it to them, or choose another");
        }
        if (mainLcore >= 0 && serviceCores.get(mainLcore)) {
            throw new IllegalArgumentException("--main-lcore " + mainLcore
                    + ": the main lcore runs no services; take it out of -s or -S");
        }
    }

    private List<Option> both(Option... options) {
        return List.of(options).stream().filter(present::contains).toList();
    }

    private void conflict(Option a, Option b, String why) {
        if (present.contains(a) && present.contains(b)) {
            throw new IllegalArgumentException(a.dashed() + " and " + b.dashed() + " do not go together: " + why);
        }
    }

    private static String join(List<Option> options) {
        return String.join(" and ", options.stream().map(Option::dashed).toList());
    }

    private static SortedMap<Integer, BitSet> each(BitSet cores) {
        SortedMap<Integer, BitSet> map = new TreeMap<>();
        cores.stream().forEach(id -> map.put(id, CoreList.only(id)));
        return map;
    }

    private static long number(String name, String text, long least, long most) {
        String digits = text.strip();
        if (!digits.matches("[0-9]{1,18}") || Long.parseLong(digits) < least || Long.parseLong(digits) > most) {
            throw new IllegalArgumentException(name + " " + text + ": not a number from " + least + " to " + most);
        }
        return Long.parseLong(digits);
    }

    private static long[] megabytes(String name, String text) {
        String[] parts = text.split(",", -1);
        long[] bytes = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].matches("[0-9]{1,10}") || Long.parseLong(parts[i]) > MAX_MB) {
                throw new IllegalArgumentException(name + " " + text + ": '" + parts[i] + "', value " + (i + 1)
                        + ", is not a number of MB; write one for each NUMA node, such as " + name + " 1024,0");
            }
            bytes[i] = Long.parseLong(parts[i]) * MB;
        }
        return bytes;
    }

    private static String fileName(String name, String text) {
        if (!text.matches("[A-Za-z0-9._+@-]{1,64}") || text.startsWith(".")) {
            throw new IllegalArgumentException(name + " " + text
                    + ": write 1 to 64 letters, digits or ._+@-, not starting with a dot");
        }
        return text;
    }

    private static String choice(String name, String text, String... choices) {
        if (!List.of(choices).contains(text)) {
            throw new IllegalArgumentException(name + " " + text + ": write " + String.join(" or ", choices));
        }
        return text;
    }

    private static void address(String name, String text) {
        if (!text.matches("(0[xX])?[0-9a-fA-F]{1,16}")) {
            throw new IllegalArgumentException(name + " " + text + ": write a hexadecimal address such as 0x100000000");
        }
    }

    private static void processType(String name, String text) {
        if (text.equalsIgnoreCase("secondary")) {
            throw new IllegalArgumentException(name + " " + text + ": there are no secondary processes;"
                    + " start several instances in one process, or connect processes with memif or vhost-user ports");
        }
        choice(name, text.toLowerCase(Locale.ROOT), "primary", "auto");
    }

    private static int simd(String name, String text) {
        return switch (text) {
            case "0" -> 512;
            case "64", "128", "256", "512" -> Integer.parseInt(text);
            default -> throw new IllegalArgumentException(name + " " + text + ": write 64, 128, 256, 512, or 0 for no limit");
        };
    }

    private void logLevel(String name, String text) {
        if (!text.equals("help")) {
            try {
                new Log(line -> { }).level(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name + " " + text + ": " + e.getMessage(), e);
            }
        }
        logLevels.add(text);
    }

    boolean has(Option option) {
        return present.contains(option);
    }

    Set<Option> present() {
        return present;
    }

    /** Null when no argument names cores. */
    SortedMap<Integer, BitSet> lcores() {
        return lcores;
    }

    BitSet serviceCores() {
        return serviceCores;
    }

    /** Or -1. */
    int mainLcore() {
        return mainLcore;
    }

    List<String> logLevels() {
        return logLevels;
    }

    List<String> remaining() {
        return remaining;
    }

    /** As they were given, up to {@code --}. */
    List<String> arguments() {
        return arguments;
    }

    /** Bytes for each node, or nothing. */
    long[] socketMem() {
        return socketMem;
    }

    long[] socketLimit() {
        return socketLimit;
    }

    boolean iovaPa() {
        return iovaPa;
    }

    /** @return the values of {@code --vdev}, and those of {@code -a} that are no PCI addresses, in their order */
    public List<String> vdevs() {
        return List.copyOf(vdevs);
    }

    /** @return the values of {@code -a} */
    public List<String> allowed() {
        return List.copyOf(allowed);
    }

    /** @return the values of {@code -b} */
    public List<String> blocked() {
        return List.copyOf(blocked);
    }

    /** @return bytes to take at start ({@code -m}), or 0 */
    public long memory() {
        return memory;
    }

    /** @return memory channels ({@code -n}), or 0 when not given */
    public int channels() {
        return channels;
    }

    /** @return memory ranks ({@code -r}), or 0 when not given */
    public int ranks() {
        return ranks;
    }

    /** @return {@code --file-prefix}, or {@code rte} */
    public String filePrefix() {
        return filePrefix;
    }

    /** @return whether huge pages are refused ({@code --no-huge}) */
    public boolean noHuge() {
        return has(Option.NO_HUGE);
    }

    /** @return whether no file may be created ({@code --in-memory}) */
    public boolean inMemory() {
        return has(Option.IN_MEMORY);
    }

    /** @return whether telemetry is offered (not {@code --no-telemetry}) */
    public boolean telemetry() {
        return !has(Option.NO_TELEMETRY);
    }

    /** @return {@code --mbuf-pool-ops-name}, or an empty string */
    public String mbufPoolOps() {
        return mbufPoolOps;
    }

    /** @return the widest vector to use, in bits ({@code --force-max-simd-bitwidth}) */
    public int maxSimdBitwidth() {
        return maxSimdBitwidth;
    }
}
