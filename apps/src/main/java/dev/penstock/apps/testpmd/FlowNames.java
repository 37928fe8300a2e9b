package dev.penstock.apps.testpmd;

import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowIndirect;
import dev.penstock.flow.FlowMeter;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What a rule's actions can name.
 *
 * @param encaps headers that are set
 * @param indirects indirect actions by number; throws IllegalArgumentException when there is none
 * @param meters meters by number; the same
 * @param samples actions of copies by number; the same
 * @param rssTypes what rss looks at when a rule does not say it
 */
record FlowNames(EncapCommands encaps, IntFunction<FlowIndirect> indirects, IntFunction<FlowMeter> meters,
        IntFunction<List<FlowAction>> samples, long rssTypes) {}
