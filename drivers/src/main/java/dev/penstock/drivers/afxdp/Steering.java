package dev.penstock.drivers.afxdp;

import dev.penstock.eal.DeviceArgs;
import dev.penstock.linux.BpfCode;
import java.util.List;

/**
 * Which frames a port takes, and which it leaves to the kernel: {@code steer=[!arp,!icmp6,!tcp:22]} takes all but SSH and what finds its address.
 *
 * <p>{@code steer=RULE} or {@code steer=[RULE,RULE,...]}; the first rule that names a frame decides, and a frame
 * that no rule names goes the other way than the last rule's. A rule takes what it names, behind {@code !} it
 * leaves it to the kernel.
 *
 * @param rules in their order; none to take all
 * @param text as it was given
 */
record Steering(List<SteerRule> rules, String text) {
    private static final int MAX_RULES = 32;

    /**
     * Reads the argument.
     *
     * @throws IllegalArgumentException when a rule can't be read; says which and how to write it
     */
    static Steering parse(String port, String text) {
        List<String> words = DeviceArgs.list(text);
        if (words.size() > MAX_RULES) {
            throw new IllegalArgumentException(port + ": steer= has " + words.size() + " rules; at most " + MAX_RULES);
        }
        return new Steering(words.stream().map(word -> SteerRule.parse(port, word)).toList(), text);
    }

    /**
     * Writes the part of the program that decides.
     *
     * @param context the register that points to the program's argument; kept
     * @param pass where frames go that are left to the kernel; the others go on behind this part
     */
    void emit(BpfCode code, int context, BpfCode.Label pass) {
        if (rules.isEmpty()) {
            return;
        }
        SteerFields.emit(code, context);
        BpfCode.Label take = new BpfCode.Label();
        for (SteerRule rule : rules) {
            BpfCode.Label no = new BpfCode.Label();
            rule.emit(code, no);
            code.jump(rule.leave() ? pass : take).label(no);
        }
        if (!rules.getLast().leave()) {
            code.jump(pass);
        }
        code.label(take);
    }
}
