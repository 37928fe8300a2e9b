package dev.penstock.linux;

import java.util.List;

/**
 * An XDP program as clang compiles it: instructions, the maps that it uses, and where it uses them.
 *
 * @param name the function's name
 * @param license from the section {@code license}; empty when there is none
 * @param fragments whether it says that it can stand frames in several pieces: section {@code xdp.frags}
 * @param instructions one number an instruction; those that load a map have no map yet
 * @param maps the maps
 * @param uses which instructions load which map
 */
public record BpfObject(String name, String license, boolean fragments, List<Long> instructions, List<Map> maps, List<Use> uses) {
    /** Longest program that is taken. */
    public static final int MAX_INSTRUCTIONS = 65536;
    /** Most maps that are taken. */
    public static final int MAX_MAPS = 64;

    private static final int PSEUDO_MAP_FD = 1;
    private static final int SOURCE_SHIFT = 12;

    /**
     * A map to be made.
     *
     * @param name for people
     * @param type a {@code BPF_MAP_TYPE_} number
     * @param keyBytes bytes of a key
     * @param valueBytes bytes of a value
     * @param entries how many it can have
     * @param flags {@code BPF_F_} flags
     */
    public record Map(String name, int type, int keyBytes, int valueBytes, int entries, int flags) {}

    /**
     * An instruction that loads a map.
     *
     * @param instruction which one
     * @param map which one
     */
    public record Use(int instruction, int map) {}

    /**
     * Reads an object file (ELF64, little endian, machine BPF). The file may be hostile.
     *
     * @param file the whole file
     * @return its first program in a section whose name begins with {@code xdp}
     * @throws BpfObjectException when it is none, is damaged, or uses what is not taken here
     */
    public static BpfObject parse(byte[] file) {
        return new BpfElf(file).object();
    }

    /**
     * The program with its maps in place.
     *
     * @param made the maps, in the order of {@link #maps}
     * @return one number an instruction
     */
    public long[] linked(List<BpfMap> made) {
        long[] code = instructions.stream().mapToLong(Long::longValue).toArray();
        for (Use use : uses) {
            // op and destination stay; source says that the number is a descriptor
            code[use.instruction] = code[use.instruction] & 0xfff | (long) PSEUDO_MAP_FD << SOURCE_SHIFT
                    | (long) made.get(use.map).fd().value() << 32;
        }
        return code;
    }
}
