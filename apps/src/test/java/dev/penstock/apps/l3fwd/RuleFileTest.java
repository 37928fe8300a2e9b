package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleFileTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("rules"), text);
    }

    @Test
    void shouldReadRoutesAsDpdkDoes() throws IOException {
        PrefixRoutes routes = new PrefixRoutes(file("#R1.2.3.4/5 6\n\n \t\nR 198.18.0.0/0x10\t01 behind\r\nR198.19.0.0/16 7\n"), null, p -> p != 7);
        assertEquals("[Ipv4[address=-971898880, depth=16, port=1]]", routes.ipv4.toString());
        assertEquals(1, routes.skipped);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "R198.18.0.0 1|field 1: destination is '198.18.0.0'; there is no '/' in it",
        "R198.18.0/24 1|field 1: destination is '198.18.0'; give an IPv4 address such as 198.18.0.1",
        "R198.18.0.0/33 1|field 1: destination's length is '33'; give 0 to 32",
        "R198.18.0.0/-1 1|field 1: destination's length is '-1'; give 0 to 32",
        "R198.18.0.0/24|field 2: port is missing",
        "R198.18.0.0/24 256|field 2: port is '256'; give 0 to 255",
        "R198.18.0.0/24 09|field 2: port is '09'; give 0 to 255",
        "R198.18.0.0/24 99999999999999999999|field 2: port is '99999999999999999999'; give 0 to 255",
    })
    void shouldNameLineAndFieldOfWrongRoutes(String line, String error) throws IOException {
        Path file = file("# one\nR198.18.0.0/24 0\n" + line + "\n");
        assertEquals(file + " line 3, " + error,
                assertThrows(IllegalArgumentException.class, () -> new PrefixRoutes(file, null, p -> true)).getMessage());
    }

    @Test
    void shouldSayWhatLinesBeginWith() throws IOException {
        Path file = file("R198.18.0.0/24 0\n@198.18.0.0/24 0\n");
        assertEquals(file + " line 2: should start with leading char R",
                assertThrows(IllegalArgumentException.class, () -> new PrefixRoutes(file, null, p -> true)).getMessage());
    }

    @Test
    void shouldRefuseFileWithoutRoutes() throws IOException {
        Path file = file("# nothing\n");
        List<Executable> readers = List.of(() -> new PrefixRoutes(file, null, p -> true), () -> new PrefixRoutes(null, file, p -> true),
                () -> new FlowRoutes(file, null, p -> true), () -> new FlowRoutes(null, file, p -> true),
                () -> AclRules.ipv4(file, p -> true, new Repeats()), () -> AclRules.ipv6(file, p -> true, new Repeats()));
        String hint = file + ": no route in it; give lines such as ";
        for (Executable reader : readers) {
            String said = assertThrows(IllegalArgumentException.class, reader).getMessage();
            assertTrue(said.startsWith(hint), said);
            Files.writeString(file, said.substring(hint.length()) + "\n");
            assertDoesNotThrow(reader, said);
            Files.writeString(file, "# nothing\n");
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new FlowRoutes(folder.resolve("absent"), null, p -> true))
                .getMessage().contains("can't read the rule file"));
    }

    @Test
    void shouldReadFlowsWithPortsInHexadecimal() throws IOException {
        FlowRoutes routes = new FlowRoutes(file("R198.18.0.2 198.18.0.1 0x50 1024 0x11 3\n"), null, p -> true);
        assertEquals("[-58, 18, 0, 1, -58, 18, 0, 2, 4, 0, 0, 80, 0, 0, 0, 17]", Arrays.toString(routes.ipv4.getFirst().key()));
        Path wrong = file("R2001:db8::2 2001:db8::g 80 1024 17 3\n");
        assertEquals(wrong + " line 1, field 2: source is '2001:db8::g'; give an IPv6 address such as 2001:db8::1",
                assertThrows(IllegalArgumentException.class, () -> new FlowRoutes(null, wrong, p -> true)).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "@198.18.0.0/8 0.0.0.0/0 5 : 4 0 : 65535 6/0xff|field 5: high source port is 4, less than the low one, 5",
        "@198.18.0.0/8 0.0.0.0/0 5 - 7 0 : 65535 6/0xff|field 4: between low and high source port is '-'; give ':'",
        "@198.18.0.0/8 0.0.0.0/0 5 : 7 0 : 65536 6/0xff|field 8: high destination port is '65536'; give 0 to 65535",
        "@198.18.0.0/8 0.0.0.0/0 5 : 7 0 : 65535 6|field 9: protocol is '6'; there is no '/' in it",
        "R198.18.0.0/8 0.0.0.0/0 5 : 7 0 : 65535 6/0xff|field 10: port is missing",
        "R198.18.0.0/8 0.0.0.0/0 5 : 7 0 : 65535 6/0xff 3|field 10: port is 3, which does not forward; enable it with -p",
    })
    void shouldNameLineAndFieldOfWrongAclEntries(String line, String error) throws IOException {
        Path file = file(line + "\n");
        assertEquals(file + " line 1, " + error,
                assertThrows(IllegalArgumentException.class, () -> AclRules.ipv4(file, p -> p < 2, new Repeats())).getMessage());
    }

    @Test
    void shouldNameLinesThatSayAgainWhatAnEarlierOneSaid() throws IOException {
        Path four = file("R10.0.0.0/8 0\nR10.0.0.0/9 1\n# again\nR10.7.0.0/8 1\n");
        PrefixRoutes routes = new PrefixRoutes(four, null, p -> true);
        assertEquals(List.of(four + " line 4: the prefix is as in line 1; the later holds"), routes.repeats4.texts());
        assertEquals(1, routes.ipv4.getLast().port());
        Path six = file("R2001:db8::/32 0\nR2001:db8::1/32 1\nR2001:db8::/33 1\n");
        assertEquals(List.of(six + " line 2: the prefix is as in line 1; the later holds"), new PrefixRoutes(null, six, p -> true).repeats6.texts());
        Path flows = file("R10.0.0.1 10.0.0.2 80 1 6 0\n".repeat(9));
        FlowRoutes em = new FlowRoutes(flows, null, p -> true);
        assertEquals(8, em.repeats4.count());
        assertEquals(6, em.repeats4.texts().size());
        assertEquals("3 more rules are as in earlier lines", em.repeats4.texts().getLast());
        Path acl = file("R10.0.0.0/8 0.0.0.0/0 0 : 65535 80 : 80 6/0xff 1\n@10.0.0.0/8 0.0.0.0/0 0 : 65535 80 : 80 6/0xff\n");
        Repeats repeats = new Repeats();
        AclRules.ipv4(acl, p -> true, repeats);
        assertEquals(List.of(acl + " line 2: what it matches is as in line 1; the first holds"), repeats.texts());
    }
}
