/** Side-by-side measurements. */
module dev.penstock.bench {
    requires dev.penstock.core;
    requires dev.penstock.linux;
    requires dev.penstock.apps;
    requires dev.penstock.tables;
    requires dev.penstock.testkit;
    requires HdrHistogram;
    requires jmh.core;
    requires org.agrona.core;
    requires org.jctools.core;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.jr.ob;
    requires chart.js;
    requires info.picocli;

    opens dev.penstock.bench to info.picocli;
}
