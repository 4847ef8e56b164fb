import NIOHTTP1

/// What one request is answered with.
struct Reply {
  let head: HTTPResponseHead
  /// What follows the head; nil for HEAD and for answers without a body.
  let body: (file: OpenedFile, range: Range<Int64>)?

  init(to request: HTTPRequestHead, in folder: SharedFolder) {
    func headers(_ fields: [(String, String)]) -> HTTPHeaders {
      HTTPHeaders(fields + (request.isKeepAlive ? [] : [("connection", "close")]))
    }
    func empty(_ status: HTTPResponseStatus, _ fields: [(String, String)] = []) -> HTTPResponseHead {
      let length = status == .notModified ? [] : [("content-length", "0")]
      return HTTPResponseHead(version: request.version, status: status, headers: headers(length + fields))
    }
    guard request.method == .GET || request.method == .HEAD else {
      (head, body) = (empty(.methodNotAllowed, [("allow", "GET, HEAD")]), nil)
      return
    }
    guard let file = folder.file(request.uri) else {
      (head, body) = (empty(.notFound), nil)
      return
    }
    let common = [
      ("etag", file.tag), ("accept-ranges", "bytes"),
      // Everything else never changes under its name.
      ("cache-control", file.name.hasSuffix("timestamp.json") ? "no-cache" : "max-age=31536000, immutable"),
    ]
    if request.headers[canonicalForm: "if-none-match"].contains(where: { $0 == file.tag || $0 == "*" }) {
      (head, body) = (empty(.notModified, common), nil)
      return
    }
    // A range of another file than the client has the beginning of would be garbage (RFC 9110, 13.1.5).
    let condition = request.headers.first(name: "if-range")
    let asked = condition == nil || condition == file.tag ? request.headers.first(name: "range") : nil
    let range: Range<Int64>
    let status: HTTPResponseStatus
    var fields =
      common + [("content-type", file.name.hasSuffix(".json") ? "application/json" : "application/octet-stream")]
    switch ByteRange(asked, length: file.length) {
    case .whole: (range, status) = (0..<file.length, .ok)
    case .part(let part):
      (range, status) = (part, .partialContent)
      fields.append(("content-range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.length)"))
    case .unsatisfiable:
      (head, body) = (empty(.rangeNotSatisfiable, common + [("content-range", "bytes */\(file.length)")]), nil)
      return
    }
    fields.append(("content-length", "\(range.count)"))
    head = HTTPResponseHead(version: request.version, status: status, headers: headers(fields))
    body = request.method == .HEAD ? nil : (file.handle, range)
  }
}
