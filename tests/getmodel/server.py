"""A web server for getmodel's tests: serves the files of its folder, misbehaving as the first part of a path says.

/whole/F    only the whole file, whatever range is asked for
/range/F    ranges too
/cut/F      ranges too, but breaks off after half of what was asked for, the first time
/other/F    bytes of the same number that are not the file's
/moved/F    a redirection to /range/F
Writes its port into the file `port`, and a line "PATH RANGE" for each request into `requests`.
"""
import http.server
import os
import re

cut = set()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        how, _, name = self.path[1:].partition("/")
        asked = self.headers.get("Range", "")
        with open("requests", "a") as log:
            log.write("%s %s\n" % (self.path, asked))
        if not os.path.isfile(name) or "/" in name:
            self.send_error(404)
            return
        if how == "moved":
            self.send_response(302)
            self.send_header("Location", "/range/" + name)
            self.end_headers()
            return
        with open(name, "rb") as file:
            data = file.read()
        if how == "other":
            data = bytes(255 - b for b in data)
        match = re.match(r"bytes=(\d+)-$", asked) if how in ("range", "cut") else None
        first = int(match.group(1)) if match else 0
        if first >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if match else 200)
        if match:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (first, len(data) - 1, len(data)))
        body = data[first:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if how == "cut" and name not in cut:
            cut.add(name)
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open("port.new", "w") as file:
    file.write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()
