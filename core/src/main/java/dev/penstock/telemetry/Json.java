package dev.penstock.telemetry;

import java.util.Map;

/**
 * Writes JSON (RFC 8259) of at most so many bytes. It is ASCII throughout, so that bytes are characters; elements
 * that would not fit are left out from the first such on, and what stands is closed, so it can always be read.
 */
final class Json {
    private final StringBuilder out = new StringBuilder();
    private final int limit;
    /** Brackets still to be closed. */
    private int open;

    private Json(int limit) {
        this.limit = limit;
    }

    /** A value; null as {@code null}. */
    static String write(Object value, int limit) {
        Json json = new Json(limit);
        return json.value(value) ? json.out.toString() : "null";
    }

    /** An object with one member; its value is null when it is one piece that does not fit. */
    static String answer(String name, Object value, int limit) {
        Json json = new Json(limit);
        json.open = 1;
        json.out.append('{');
        json.quote(name);
        json.out.append(':');
        int mark = json.out.length();
        if (!json.value(value)) {
            json.out.setLength(mark);
            json.out.append("null");
        }
        return json.out.append('}').toString();
    }

    /** False when it does not fit; then the caller takes back what was written. */
    private boolean value(Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                return container('{', '}', map.entrySet());
            }
            case Iterable<?> list -> {
                return container('[', ']', list);
            }
            case Number number when !(number instanceof Double) && !(number instanceof Float) -> out.append(number);
            case Boolean truth -> out.append(truth);
            case null -> out.append("null");
            default -> quote(value.toString());
        }
        return fits();
    }

    private boolean fits() {
        return out.length() + open <= limit;
    }

    private boolean container(char begin, char end, Iterable<?> elements) {
        out.append(begin);
        open++;
        boolean any = false;
        for (Object element : elements) {
            int mark = out.length();
            if (any) {
                out.append(',');
            }
            Object value = element;
            if (element instanceof Map.Entry<?, ?> member) {
                quote(member.getKey().toString());
                out.append(':');
                value = member.getValue();
            }
            if (!value(value)) {
                out.setLength(mark);
                break;
            }
            any = true;
        }
        boolean fits = fits();
        out.append(end);
        open--;
        return fits;
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        out.append(c);
                    } else {
                        out.append(String.format("\\u%04x", (int) c));
                    }
                }
            }
        }
        out.append('"');
    }
}
