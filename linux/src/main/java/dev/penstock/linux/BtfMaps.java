package dev.penstock.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds what maps are in an object's type information (kernel documentation bpf/btf): each is a variable whose
 * structure's members hold numbers as lengths of arrays and types as pointers. Trusts nothing in it.
 */
final class BtfMaps {
    private static final int MAGIC = 0xeb9f;
    private static final int HEADER_BYTES = 24;
    private static final int TYPE_BYTES = 12;
    private static final int MEMBER_BYTES = 12;
    private static final int MAX_STEPS = 32;
    private static final int PTR = 2;
    private static final int ARRAY = 3;
    private static final int STRUCT = 4;
    private static final int VAR = 14;
    private static final String WHERE = "section .BTF";
    /** Bytes behind each kind of type, without and for each member; -1 for kinds that are not known. */
    private static final int[] FIXED = {-1, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0};
    private static final int[] EACH = {0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12};

    private final ByteBuffer file;
    private final int strings;
    private final int stringsEnd;
    /** Where each type is; type 0 is void. */
    private int[] types = new int[64];
    private int count = 1;

    BtfMaps(ByteBuffer file, BpfElf.Section section) {
        this.file = file;
        if (section.length() < HEADER_BYTES || (file.getShort(section.at()) & 0xffff) != MAGIC) {
            throw BpfElf.refuse(WHERE, "does not begin as type information does");
        }
        long header = Integer.toUnsignedLong(file.getInt(section.at() + 4));
        int at = part(section, header + Integer.toUnsignedLong(file.getInt(section.at() + 8)), file.getInt(section.at() + 12));
        int end = at + file.getInt(section.at() + 12);
        strings = part(section, header + Integer.toUnsignedLong(file.getInt(section.at() + 16)), file.getInt(section.at() + 20));
        stringsEnd = strings + file.getInt(section.at() + 20);
        readTypes(at, end);
    }

    private static int part(BpfElf.Section section, long offset, int length) {
        if (length < 0 || offset > section.length() - (long) length) {
            throw BpfElf.refuse(WHERE, "a part of it at byte " + offset + " with " + Integer.toUnsignedString(length) + " bytes lies outside");
        }
        return section.at() + (int) offset;
    }

    private void readTypes(int from, int end) {
        for (int at = from; at < end;) {
            if (at + TYPE_BYTES > end) {
                throw BpfElf.refuse(WHERE, "type " + count + " is cut short");
            }
            int kind = kind(at);
            if (kind >= FIXED.length || FIXED[kind] < 0) {
                throw BpfElf.refuse(WHERE, "type " + count + " is of kind " + kind + ", which is not known");
            }
            long next = (long) at + TYPE_BYTES + FIXED[kind] + (long) EACH[kind] * members(at);
            if (next > end) {
                throw BpfElf.refuse(WHERE, "type " + count + " is cut short");
            }
            if (count == types.length) {
                types = Arrays.copyOf(types, 2 * count);
            }
            types[count++] = at;
            at = (int) next;
        }
    }

    private int kind(int at) {
        return file.getInt(at + 4) >>> 24 & 31;
    }

    private int members(int at) {
        return file.getInt(at + 4) & 0xffff;
    }

    private int type(int id, String where) {
        if (id <= 0 || id >= count) {
            throw BpfElf.refuse(where, "type " + Integer.toUnsignedString(id) + " is not there");
        }
        return types[id];
    }

    /** Where a type is, behind names and qualifiers. */
    private int plain(int id, String where) {
        int at = type(id, where);
        for (int steps = 0; steps < MAX_STEPS; steps++) {
            switch (kind(at)) {
                case 8, 9, 10, 11, 18 -> at = type(file.getInt(at + 8), where);
                default -> {
                    return at;
                }
            }
        }
        throw BpfElf.refuse(where, "its type goes round in a circle");
    }

    private boolean named(int offset, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (offset < 0 || offset > stringsEnd - strings - bytes.length - 1) {
            return false;
        }
        int at = strings + offset;
        return Arrays.equals(file.array(), at, at + bytes.length, bytes, 0, bytes.length) && file.get(at + bytes.length) == 0;
    }

    BpfObject.Map map(String name) {
        String where = "map " + name;
        for (int id = 1; id < count; id++) {
            int at = types[id];
            if (kind(at) == VAR && named(file.getInt(at), name)) {
                int struct = plain(file.getInt(at + 8), where);
                if (kind(struct) != STRUCT) {
                    throw BpfElf.refuse(where, "is no structure");
                }
                return map(name, struct, where);
            }
        }
        throw BpfElf.refuse(where, "section .BTF has no variable of that name");
    }

    private BpfObject.Map map(String name, int struct, String where) {
        int type = 0;
        int key = 0;
        int value = 0;
        int entries = 0;
        int flags = 0;
        for (int i = 0; i < members(struct); i++) {
            int at = struct + TYPE_BYTES + i * MEMBER_BYTES;
            int label = file.getInt(at);
            int member = file.getInt(at + 4);
            if (named(label, "type")) {
                type = number(member, where);
            } else if (named(label, "key_size")) {
                key = number(member, where);
            } else if (named(label, "value_size")) {
                value = number(member, where);
            } else if (named(label, "max_entries")) {
                entries = number(member, where);
            } else if (named(label, "map_flags")) {
                flags = number(member, where);
            } else if (named(label, "key")) {
                key = size(target(member, where), where);
            } else if (named(label, "value")) {
                value = size(target(member, where), where);
            } else {
                throw BpfElf.refuse(where, "member " + i + " is none of type, key, key_size, value, value_size, max_entries, map_flags");
            }
        }
        return new BpfObject.Map(name, type, key, value, entries, flags);
    }

    /** What a pointer points to. */
    private int target(int id, String where) {
        int pointer = plain(id, where);
        if (kind(pointer) != PTR) {
            throw BpfElf.refuse(where, "a member is no pointer; declare with __uint or __type");
        }
        return file.getInt(pointer + 8);
    }

    /** The number that {@code __uint} hides in an array's length. */
    private int number(int id, String where) {
        int array = plain(target(id, where), where);
        if (kind(array) != ARRAY) {
            throw BpfElf.refuse(where, "a member holds no number; declare with __uint");
        }
        return file.getInt(array + TYPE_BYTES + 8);
    }

    private int size(int id, String where) {
        long factor = 1;
        int at = plain(id, where);
        for (int steps = 0; kind(at) == ARRAY && steps < MAX_STEPS; steps++) {
            factor *= Integer.toUnsignedLong(file.getInt(at + TYPE_BYTES + 8));
            at = plain(file.getInt(at + TYPE_BYTES), where);
            if (factor > Integer.MAX_VALUE) {
                break;
            }
        }
        int kind = kind(at);
        long bytes = kind == PTR ? 8 : kind == 1 || kind == STRUCT || kind == 5 || kind == 6 || kind == 19
                ? Integer.toUnsignedLong(file.getInt(at + 8)) : 0;
        if (bytes == 0 || factor > Integer.MAX_VALUE || bytes * factor > Integer.MAX_VALUE) {
            throw BpfElf.refuse(where, "the size of its key or value is not known");
        }
        return (int) (bytes * factor);
    }
}
