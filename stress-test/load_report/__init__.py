"""What people get of a run: files, the terminal's last words, a page, a tab in Locust's web page.

    verdict["bottleneck"] = advice.bottleneck(document)      after the summary
    write_all(document, folder), console(document)           at the end
    web_tab.install(environment, current_document)           in Locust's event `init`

writing      report.json, report.csv, series.csv, report.md, report.html
page         the HTML page, with charts/ and templates/
markdown     for an issue
csvs         for a spreadsheet
console      for the terminal
headline     what stands on top of all of them
measured     tables of latencies, scenarios, steps, errors
judged       tables of thresholds, baseline, Dify's cost, conditions
words        numbers and names as people read them
definitions  what each metric means
advice       the likely bottleneck, and the settings that move it
live         rows for the tab
keeping      the document while the run goes on
web_tab      TTFT and tokens live in Locust's web page
"""

from load_report.console import console
from load_report.writing import write_all

__all__ = ["console", "write_all"]
