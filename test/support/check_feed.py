"""Reads feeds as feed readers do, and by the letter of their rules.

Reads a JSON list of {"kind": "rss" | "atom" | "opml", "url": ..., "text": ...} from standard input, and prints a JSON list with, for each, its
"complaints" (what breaks a rule of RSS 2.0.11, RFC 4287 or OPML 2.0) and its "entries" as feedparser understood them.
"""

import datetime
import email.utils
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
RFC822 = re.compile(
    r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} (GMT|[+-]\d{4})$"
)
RFC3339 = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$")
URN = re.compile(r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
CHANNEL = {
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate", "lastBuildDate", "category",
    "generator", "docs", "cloud", "ttl", "image", "rating", "textInput", "skipHours", "skipDays", "item",
}
ITEM = {"title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source"}
FEED = {
    "author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title", "updated", "entry",
}
ENTRY = {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary", "title", "updated"}


class Complaints(list):
    def expect(self, holds, complaint):
        if not holds:
            self.append(complaint)

    def one(self, parent, name):
        """The text of the only child of that name."""
        found = parent.findall(name)
        self.expect(len(found) == 1, f"{parent.tag} has {len(found)} {name}")
        text = (found[0].text or "") if found else ""
        self.expect(text.strip() != "" and text == text.strip(), f"{name} of {parent.tag} is {text!r}")
        return text

    def rfc822(self, text):
        self.expect(RFC822.match(text), f"{text!r} is no date of RSS")
        try:
            date = email.utils.parsedate_to_datetime(text)
        except ValueError:
            self.append(f"{text!r} is no date")
            return datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
        self.expect(email.utils.format_datetime(date, usegmt=True) == text, f"{text!r} has another day of the week")
        return date

    def rfc3339(self, text):
        self.expect(RFC3339.match(text), f"{text!r} is no date of Atom")
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    def absolute(self, url):
        self.expect(re.match(r"^https?://[^/\s]+/\S*$", url), f"{url!r} is no absolute URL")

    def only(self, parent, known, prefix=""):
        for child in parent:
            if prefix or not child.tag.startswith("{"):
                self.expect(child.tag.removeprefix(prefix) in known, f"{parent.tag} has an unknown {child.tag}")

    def newest_first(self, dates):
        self.expect(dates == sorted(dates, reverse=True), "the newest does not come first")

    def unique(self, ids):
        self.expect(len(set(ids)) == len(ids), "two have the same id")


def check_rss(root, url, complaints):
    complaints.expect(root.tag == "rss" and root.get("version") == "2.0", f"this is {root.tag} {root.get('version')}")
    channels = list(root)
    complaints.expect([channel.tag for channel in channels] == ["channel"], "there is not one channel")
    channel = channels[0]
    complaints.only(channel, CHANNEL)
    for name in ("title", "description", "language", "generator"):
        complaints.one(channel, name)
    complaints.absolute(complaints.one(channel, "link"))
    complaints.absolute(complaints.one(channel, "docs"))
    complaints.expect(complaints.one(channel, "ttl").isdigit(), "ttl is no number")
    built = complaints.rfc822(complaints.one(channel, "lastBuildDate"))
    selves = [link.get("href") for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    complaints.expect(selves == [url], f"it says that it is at {selves}")
    ids, dates = [], []
    for item in channel.findall("item"):
        complaints.only(item, ITEM)
        complaints.one(item, "title")
        complaints.absolute(complaints.one(item, "link"))
        description = complaints.one(item, "description")
        complaints.expect("<" not in description, f"{description!r} would be read as HTML")
        guid = item.find("guid")
        complaints.expect(guid is not None and guid.get("isPermaLink") == "false", "a guid seems to be a link")
        ids.append(complaints.one(item, "guid"))
        complaints.expect(URN.match(ids[-1]), f"the guid {ids[-1]} is not unique in the world")
        dates.append(complaints.rfc822(complaints.one(item, "pubDate")))
    complaints.unique(ids)
    complaints.newest_first(dates)
    complaints.expect(not dates or built >= dates[0], "it was built before its newest item")


def check_atom(root, url, complaints):
    complaints.expect(root.tag == f"{ATOM}feed", f"this is {root.tag}")
    complaints.only(root, FEED, ATOM)
    ids, dates = [complaints.one(root, f"{ATOM}id")], []
    complaints.one(root, f"{ATOM}title")
    updated = complaints.rfc3339(complaints.one(root, f"{ATOM}updated"))
    complaints.one(root.find(f"{ATOM}author"), f"{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    complaints.expect(links.get("self") == url, f"it says that it is at {links}")
    complaints.absolute(links.get("alternate", ""))
    for entry in root.findall(f"{ATOM}entry"):
        complaints.only(entry, ENTRY, ATOM)
        ids.append(complaints.one(entry, f"{ATOM}id"))
        complaints.one(entry, f"{ATOM}title")
        complaints.one(entry, f"{ATOM}summary")
        dates.append(complaints.rfc3339(complaints.one(entry, f"{ATOM}updated")))
        complaints.rfc3339(complaints.one(entry, f"{ATOM}published"))
        alternates = [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        complaints.expect(len(alternates) == 1, f"an entry leads to {alternates}")
        complaints.absolute("".join(alternates))
    for one in ids:
        complaints.expect(URN.match(one), f"the id {one} is not unique in the world")
    complaints.unique(ids)
    complaints.newest_first(dates)
    complaints.expect(not dates or updated >= dates[0], "it was updated before its newest entry")


def check_opml(root, _url, complaints):
    complaints.expect(root.tag == "opml" and root.get("version") == "2.0", f"this is {root.tag} {root.get('version')}")
    complaints.expect([child.tag for child in root] == ["head", "body"], "it is not a head and a body")
    complaints.one(root.find("head"), "title")
    complaints.rfc822(complaints.one(root.find("head"), "dateCreated"))
    outlines = list(root.find("body").iter("outline"))
    complaints.expect(len(outlines) > 1, "it has no outlines")
    for outline in outlines:
        complaints.expect(outline.get("text"), "an outline has no text")
        if outline.get("type") == "rss":
            for name in ("xmlUrl", "htmlUrl", "url"):
                complaints.absolute(outline.get(name, ""))


CHECKS = {"rss": check_rss, "atom": check_atom, "opml": check_opml}
VERSIONS = {"rss": "rss20", "atom": "atom10"}


def check(feed):
    kind, url, text = feed["kind"], feed["url"], feed["text"]
    complaints = Complaints()
    try:
        CHECKS[kind](ElementTree.fromstring(text.encode("utf-8")), url, complaints)
    except ElementTree.ParseError as error:
        complaints.append(f"this is not XML: {error}")
    entries = []
    if kind in VERSIONS:
        parsed = feedparser.parse(text.encode("utf-8"), response_headers={"content-type": feed["type"]})
        complaints.expect(not parsed.bozo, f"feedparser: {parsed.get('bozo_exception')}")
        complaints.expect(parsed.version == VERSIONS[kind], f"feedparser takes it for {parsed.version}")
        for entry in parsed.entries:
            complaints.expect(entry.get("published_parsed"), f"feedparser knows no time of {entry.get('id')}")
            entries.append({name: entry.get(name) for name in ("id", "title", "summary", "link")})
    return {"complaints": complaints, "entries": entries}


json.dump([check(feed) for feed in json.load(sys.stdin)], sys.stdout)
