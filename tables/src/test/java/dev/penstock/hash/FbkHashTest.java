package dev.penstock.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tables.TableFullException;
import dev.penstock.testkit.Seed;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FbkHashTest {
    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(1000, 4, 0));
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(1024, 3, 0));
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(4, 4, 0));
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(1024, 512, 0));
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(8, 4, 0).add(1, 65_536));
        assertThrows(IllegalArgumentException.class, () -> new FbkHash(8, 4, 0).add(1, -1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 256})
    void shouldAgreeWithAMap(int perBucket) {
        SplittableRandom random = Seed.random("FbkHashTest of " + perBucket);
        FbkHash hash = new FbkHash(1024, perBucket, random.nextInt());
        Map<Integer, Integer> map = new HashMap<>();
        int full = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int key = random.nextInt(1600) - 10;
            int kind = random.nextInt(4);
            if (kind == 0) {
                int value = random.nextInt(65_536);
                try {
                    hash.add(key, value);
                    map.put(key, value);
                } catch (TableFullException e) {
                    assertTrue(!map.containsKey(key));
                    full++;
                }
            } else if (kind == 1 && random.nextInt(3) > 0) {
                assertEquals(map.remove(key) != null, hash.delete(key));
            } else {
                assertEquals(map.getOrDefault(key, FbkHash.ABSENT), hash.lookup(key));
            }
        }
        assertEquals(map.size(), hash.size());
        assertTrue(full > 0 || perBucket == 256);
        hash.clear();
        assertEquals(0, hash.size());
        map.keySet().forEach(key -> assertEquals(FbkHash.ABSENT, hash.lookup(key)));
    }
}
