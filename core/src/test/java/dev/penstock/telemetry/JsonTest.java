package dev.penstock.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static final int ROOM = Telemetry.MAX_OUTPUT_BYTES;

    @Test
    void shouldWriteEachKindOfValue() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("number", 5);
        map.put("long", -1L);
        map.put("text", "x");
        map.put("yes", true);
        map.put("nothing", null);
        map.put("list", List.of(1, "a", List.of()));
        map.put("map", Map.of());
        assertEquals("{\"/x\":{\"number\":5,\"long\":-1,\"text\":\"x\",\"yes\":true,\"nothing\":null,\"list\":[1,\"a\",[]],\"map\":{}}}",
                Json.answer("/x", map, ROOM));
        assertEquals("{\"/x\":null}", Json.answer("/x", null, ROOM));
        assertEquals("{\"/x\":\"2.5\"}", Json.answer("/x", 2.5, ROOM));
    }

    @Test
    void shouldEscapeWhatJsonForbidsAndAllThatIsNotAscii() {
        assertEquals("{\"/\\\"\":\"\\\"\\\\\\n\\r\\t\\b\\f\\u0000\\u001f\\u007f\\u00e9\\ud83d\\ude00 '/<\"}",
                Json.answer("/\"", "\"\\\n\r\t\b\f\0\u001f\u007f\u00e9\ud83d\ude00 '/<", ROOM));
    }

    @Test
    void shouldLeaveOutFromTheFirstElementThatDoesNotFitAndStillBeWhole() {
        List<Integer> list = IntStream.range(0, 100).boxed().toList();
        assertEquals("{\"/x\":[0,1,2]}", Json.answer("/x", list, 14));
        assertEquals("{\"/x\":[0,1]}", Json.answer("/x", list, 13));
        assertEquals("{\"/x\":[]}", Json.answer("/x", list, 9));
        assertEquals("{\"/x\":null}", Json.answer("/x", "longer than that", 12));
        for (int limit = 20; limit < 400; limit++) {
            Map<String, Object> deep = Map.of("outer", List.of(list, Map.of("inner", list), "text that is long", list));
            String text = Json.answer("/x", deep, limit);
            assertTrue(text.length() <= limit, text);
            assertTrue(closes(text), text);
        }
    }

    private static boolean closes(String text) {
        List<Character> open = new ArrayList<>();
        boolean quoted = false;
        for (char c : text.toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == '{' || c == '[')) {
                open.add(c == '{' ? '}' : ']');
            } else if (!quoted && (c == '}' || c == ']')) {
                if (open.isEmpty() || open.removeLast() != c) {
                    return false;
                }
            }
        }
        return open.isEmpty() && !quoted && !text.contains(",]") && !text.contains(",}") && !text.contains(":,");
    }
}
