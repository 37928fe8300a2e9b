package dev.penstock.jit;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A flight-recorder event: the packet path fell out of its compiled form. */
@Name("dev.penstock.PathDeoptimized")
@Label("Packet path deoptimized")
@Category("Penstock")
@Description("A watched thread left compiled code after the path had qualified")
@StackTrace(false)
final class PathDeoptimized extends Event {
    @Label("Thread")
    String lcore;

    @Label("Method")
    String method;

    @Label("Reason")
    String reason;

    @Label("Action")
    String action;
}
