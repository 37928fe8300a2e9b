package dev.penstock.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads an eBPF object file (System V ABI, chapter 4; kernel documentation bpf/llvm_reloc). Trusts nothing in it. */
final class BpfElf {
    private static final int MACHINE_BPF = 247;
    private static final int TYPE_RELOCATABLE = 1;
    private static final int HEADER_BYTES = 64;
    private static final int SECTION_BYTES = 64;
    private static final int SYMBOL_BYTES = 24;
    private static final int RELOCATION_BYTES = 16;
    private static final int SYMTAB = 2;
    private static final int NOBITS = 8;
    private static final int REL = 9;
    private static final int FUNCTION = 2;
    private static final int R_BPF_64_64 = 1;
    private static final int LOAD_64 = 0x18;
    private static final int CALL = 0x85;
    /** struct bpf_map_def: type, key, value, entries, flags. */
    private static final int OLD_MAP_BYTES = 20;
    private static final int LONGEST_NAME = 256;

    /** Part of the file. */
    record Section(int index, String name, int type, int at, int length, int link, int info) {}

    private record Symbol(String name, int kind, int section, long value, long size) {}

    private final ByteBuffer file;
    private final List<Section> sections = new ArrayList<>();
    private final List<Symbol> symbols = new ArrayList<>();

    BpfElf(byte[] bytes) {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        readHeader();
        readSymbols();
    }

    static BpfObjectException refuse(String where, String what) {
        return new BpfObjectException(where, what);
    }

    /** A place in the file that holds so many bytes. */
    private int within(long at, long bytes, String where) {
        if (at < 0 || bytes < 0 || at > file.limit() - bytes) {
            throw refuse(where, "goes from byte " + Long.toUnsignedString(at) + " over " + Long.toUnsignedString(bytes)
                    + " bytes, but the file has " + file.limit());
        }
        return (int) at;
    }

    private void readHeader() {
        int header = within(0, HEADER_BYTES, "ELF header");
        if (file.getInt(header) != 0x464c457f || file.get(4) != 2 || file.get(5) != 1) {
            throw refuse("ELF header", "this is no 64-bit little-endian ELF file; compile with: clang -O2 -g -target bpf -c");
        }
        if (file.getShort(16) != TYPE_RELOCATABLE || file.getShort(18) != MACHINE_BPF) {
            throw refuse("ELF header", "type " + file.getShort(16) + ", machine " + file.getShort(18)
                    + " is no object file of machine BPF; compile with: clang -O2 -g -target bpf -c");
        }
        int count = file.getShort(60) & 0xffff;
        int names = file.getShort(62) & 0xffff;
        if ((file.getShort(58) & 0xffff) != SECTION_BYTES || names >= count) {
            throw refuse("ELF header", count + " sections, names in section " + names + ", are impossible");
        }
        int table = within(file.getLong(40), (long) count * SECTION_BYTES, "section table");
        Section strings = section(names, table + names * SECTION_BYTES, null);
        for (int i = 0; i < count; i++) {
            sections.add(section(i, table + i * SECTION_BYTES, strings));
        }
    }

    private Section section(int index, int at, Section strings) {
        String where = "section " + index;
        String name = strings == null ? "" : string(strings, file.getInt(at), where);
        int type = file.getInt(at + 4);
        boolean empty = type == 0 || type == NOBITS;
        int from = empty ? 0 : within(file.getLong(at + 24), file.getLong(at + 32), where + " " + name);
        return new Section(index, name, type, from, empty ? 0 : (int) file.getLong(at + 32), file.getInt(at + 40), file.getInt(at + 44));
    }

    private String string(Section strings, int offset, String where) {
        int at = strings.at + offset;
        int end = strings.at + strings.length;
        if (offset < 0 || at < strings.at || at >= end) {
            throw refuse(where, "its name at " + Integer.toUnsignedString(offset) + " lies outside the " + strings.length + " bytes of names");
        }
        return text(at, end, where);
    }

    /** A string that ends with a zero before a place. */
    private String text(int at, int end, String where) {
        int last = at;
        while (last < end && file.get(last) != 0) {
            last++;
            if (last - at > LONGEST_NAME) {
                throw refuse(where, "a name is longer than " + LONGEST_NAME + " bytes");
            }
        }
        if (last == end) {
            throw refuse(where, "a name does not end");
        }
        return new String(file.array(), at, last - at, StandardCharsets.US_ASCII);
    }

    private void readSymbols() {
        Section table = null;
        for (Section s : sections) {
            if (s.type == SYMTAB) {
                if (table != null) {
                    throw refuse("section " + s.name, "is a second symbol table");
                }
                table = s;
            }
        }
        if (table == null) {
            throw refuse("section table", "has no symbols; do not strip the object");
        }
        if (table.link < 0 || table.link >= sections.size()) {
            throw refuse("section " + table.name, "has its names in section " + table.link + ", which is not there");
        }
        Section strings = sections.get(table.link);
        for (int at = table.at; at + SYMBOL_BYTES <= table.at + table.length; at += SYMBOL_BYTES) {
            String name = file.getInt(at) == 0 ? "" : string(strings, file.getInt(at), "symbol " + symbols.size());
            symbols.add(new Symbol(name, file.get(at + 4) & 15, file.getShort(at + 6) & 0xffff, file.getLong(at + 8), file.getLong(at + 16)));
        }
    }

    private Section named(String name) {
        for (Section s : sections) {
            if (s.name.equals(name) && s.type != 0) {
                return s;
            }
        }
        return null;
    }

    BpfObject object() {
        Section code = null;
        for (Section s : sections) {
            if (code == null && s.type == 1 && (s.name.equals("xdp") || s.name.startsWith("xdp.") || s.name.startsWith("xdp/")
                    || s.name.startsWith("xdp_"))) {
                code = s;
            }
        }
        if (code == null) {
            throw refuse("section table", "no section is named xdp; mark the program with SEC(\"xdp\")");
        }
        int length = code.length;
        String name = "xdp";
        for (Symbol s : symbols) {
            if (s.section == code.index && s.kind == FUNCTION && s.value == 0 && s.size > 0) {
                name = s.name;
                length = (int) Math.min(s.size, length);
            }
        }
        if (length == 0 || length % 8 != 0 || length / 8 > BpfObject.MAX_INSTRUCTIONS) {
            throw refuse("section " + code.name, "a program of " + length + " bytes is impossible");
        }
        List<Long> instructions = new ArrayList<>(length / 8);
        for (int i = 0; i < length; i += 8) {
            instructions.add(file.getLong(code.at + i));
        }
        List<BpfObject.Map> maps = new ArrayList<>();
        List<BpfObject.Use> uses = uses(code, instructions, maps);
        Section license = named("license");
        return new BpfObject(name, license == null ? "" : text(license.at, license.at + license.length, "section license"),
                code.name.startsWith("xdp.frags"), instructions, maps, uses);
    }

    private List<BpfObject.Use> uses(Section code, List<Long> instructions, List<BpfObject.Map> maps) {
        Section relocations = null;
        for (Section s : sections) {
            if (s.type == REL && s.info == code.index) {
                if (relocations != null) {
                    throw refuse("section " + s.name, "is a second list of relocations for " + code.name);
                }
                relocations = s;
            }
        }
        List<BpfObject.Use> uses = new ArrayList<>();
        if (relocations == null) {
            return uses;
        }
        Map<Symbol, Integer> known = new HashMap<>();
        BtfMaps btf = named(".BTF") == null ? null : new BtfMaps(file, named(".BTF"));
        for (int at = relocations.at; at + RELOCATION_BYTES <= relocations.at + relocations.length; at += RELOCATION_BYTES) {
            long offset = file.getLong(at);
            String where = "section " + relocations.name + ", instruction at byte " + Long.toUnsignedString(offset);
            if (offset < 0 || offset % 8 != 0 || offset / 8 >= instructions.size()) {
                throw refuse(where, "lies outside the program");
            }
            int instruction = (int) (offset / 8);
            Symbol symbol = symbol(file.getInt(at + 12), where);
            check(file.getInt(at + 8), instructions, instruction, symbol, where);
            Integer map = known.get(symbol);
            if (map == null) {
                map = maps.size();
                maps.add(map(symbol, btf, where));
                known.put(symbol, map);
                if (maps.size() > BpfObject.MAX_MAPS) {
                    throw refuse(where, "the program uses more than " + BpfObject.MAX_MAPS + " maps");
                }
            }
            uses.add(new BpfObject.Use(instruction, map));
        }
        return uses;
    }

    private Symbol symbol(int index, String where) {
        if (index < 0 || index >= symbols.size()) {
            throw refuse(where, "is to be joined to symbol " + Integer.toUnsignedString(index) + ", which is not there");
        }
        return symbols.get(index);
    }

    private static void check(int type, List<Long> instructions, int instruction, Symbol symbol, String where) {
        int op = (int) (instructions.get(instruction) & 0xff);
        if (op == CALL) {
            throw refuse(where, "calls the function '" + symbol.name + "'; mark it static __always_inline, calls are not joined");
        }
        if (type != R_BPF_64_64 || op != LOAD_64 || instruction + 1 >= instructions.size()) {
            throw refuse(where, "relocation " + type + " of instruction 0x" + Integer.toHexString(op) + " is not known here");
        }
    }

    private BpfObject.Map map(Symbol symbol, BtfMaps btf, String where) {
        Section home = symbol.section < sections.size() ? sections.get(symbol.section) : null;
        if (home != null && home.name.equals("maps")) {
            return old(symbol, home);
        }
        if (home != null && home.name.equals(".maps")) {
            if (btf == null) {
                throw refuse("map " + symbol.name, "there is no section .BTF that says what it is; compile with -g");
            }
            return btf.map(symbol.name);
        }
        throw refuse(where, "uses '" + symbol.name + "', which is no map" + (home == null ? "" : " but in section " + home.name)
                + "; global variables are not joined, use a map");
    }

    private BpfObject.Map old(Symbol symbol, Section home) {
        if (symbol.value < 0 || symbol.value > home.length - OLD_MAP_BYTES) {
            throw refuse("map " + symbol.name, "lies outside section maps");
        }
        int at = home.at + (int) symbol.value;
        return new BpfObject.Map(symbol.name, file.getInt(at), file.getInt(at + 4), file.getInt(at + 8), file.getInt(at + 12), file.getInt(at + 16));
    }
}
