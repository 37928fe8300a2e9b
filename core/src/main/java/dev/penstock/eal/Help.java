package dev.penstock.eal;

/** The user asked for text ({@code -h}, {@code --log-level=help}) and not for a start; the message is that text. */
public final class Help extends RuntimeException {
    private static final long serialVersionUID = 1;

    Help(String text) {
        super(text, null, false, false);
    }

    /** All EAL options with their meaning. */
    static String options() {
        StringBuilder text = new StringBuilder("EAL options (before --):\n");
        for (Option option : Option.values()) {
            String names = (option.shortName == ' ' ? "    " : "-" + option.shortName + (option.longName.isEmpty() ? " " : ", "))
                    + (option.longName.isEmpty() ? "" : "--" + option.longName);
            String value = option.value == null ? "" : option.optionalValue() || option.longName.isEmpty()
                    ? option.value : "=" + option.value;
            text.append(String.format("  %-34s %s%n", names + value, option.about));
            if (option.noEffect != null) {
                text.append(String.format("  %-34s (no effect: %s)%n", "", option.noEffect));
            }
        }
        return text.toString();
    }
}
