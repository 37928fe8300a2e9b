package dev.penstock.apps.testpmd;

import dev.penstock.flow.FlowAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What may follow in a flow rule, an indirect action or a meter's policy, for completion. */
final class FlowCompletion {
    private FlowCompletion() {}

    /**
     * The words that may stand at a place behind others.
     *
     * @param before the others, from the command on
     * @return the words; none where a value is to stand, and for other commands
     */
    static List<String> next(List<String> before) {
        String command = String.join(" ", before) + " ";
        if (command.matches("flow (create|validate) \\S+ .*")) {
            return rule(before.subList(3, before.size()));
        }
        if (command.matches("flow indirect_action \\S+ (create|update \\S+) .*")) {
            int action = before.indexOf("action");
            return action < 0 ? attributes(before.getLast(), List.of("action_id"), List.of("ingress", "action"))
                    : actions(before.subList(action + 1, before.size()), List.of());
        }
        return command.matches("add port meter policy \\S+ \\S+ .*") ? policy(before.subList(6, before.size())) : List.of();
    }

    private static List<String> rule(List<String> words) {
        int pattern = words.indexOf("pattern");
        int actions = words.indexOf("actions");
        if (pattern < 0) {
            return attributes(words.isEmpty() ? "" : words.getLast(), List.of("group", "priority"), List.of("ingress", "egress", "transfer", "pattern"));
        }
        return actions < 0 ? pattern(words.subList(pattern + 1, words.size())) : actions(words.subList(actions + 1, words.size()), List.of());
    }

    private static List<String> attributes(String last, List<String> numbered, List<String> plain) {
        List<String> all = new ArrayList<>(numbered);
        all.addAll(plain);
        return numbered.contains(last) ? List.of() : all;
    }

    /** The words behind the last {@code /}. */
    private static List<String> segment(List<String> words) {
        return words.subList(words.lastIndexOf("/") + 1, words.size());
    }

    private static List<String> pattern(List<String> words) {
        List<String> item = segment(words);
        if (item.isEmpty()) {
            List<String> names = new ArrayList<>(FlowSyntax.names());
            names.add("end");
            return names;
        }
        if (item.getFirst().equals("end")) {
            return List.of("actions");
        }
        // a field, how, a value, and so on
        return switch ((item.size() - 1) % 3) {
            case 0 -> FlowSyntax.type(item.getFirst()).map(type -> {
                List<String> fields = new ArrayList<>(FlowSyntax.fields(type));
                fields.add("/");
                return fields;
            }).orElse(new ArrayList<>());
            case 1 -> FlowSyntax.HOWS;
            default -> List.of();
        };
    }

    private static List<String> actions(List<String> words, List<String> behind) {
        List<String> action = segment(words);
        if (action.isEmpty()) {
            return names(FlowAction.Type.values());
        }
        if (action.getFirst().equals("end")) {
            return behind;
        }
        if (action.size() == 1) {
            return action.getFirst().equals("indirect") ? List.of() : FlowActionSyntax.parameters(action.getFirst());
        }
        if (action.getFirst().equals("rss")) {
            return switch (action.getLast()) {
                case "func" -> List.of("default", "toeplitz");
                case "level" -> List.of("0", "1", "2");
                case "queues" -> List.of();
                case "types" -> List.of("ip", "ipv4", "ipv6", "tcp", "udp", "sctp", "end");
                default -> List.of("end", "queues", "types", "func", "level", "/");
            };
        }
        if (action.getFirst().equals("sample")) {
            return switch (action.size()) {
                case 3 -> List.of("index");
                case 5 -> List.of("/");
                default -> List.of();
            };
        }
        return action.size() == (action.getFirst().equals("indirect") ? 2 : 3) ? List.of("/") : List.of();
    }

    private static List<String> policy(List<String> words) {
        List<String> order = List.of("g_actions", "y_actions", "r_actions");
        int at = order.stream().mapToInt(words::lastIndexOf).max().orElseThrow();
        if (at < 0) {
            return List.of("g_actions");
        }
        int next = order.indexOf(words.get(at)) + 1;
        return actions(words.subList(at + 1, words.size()), next < order.size() ? List.of(order.get(next)) : List.of());
    }

    private static List<String> names(Enum<?>[] all) {
        List<String> names = new ArrayList<>(Arrays.stream(all).map(FlowSyntax::lower).toList());
        names.add("end");
        return names;
    }
}
