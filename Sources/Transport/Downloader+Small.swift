extension Downloader {
  /// A whole small file in memory; see ``small(_:from:maximumLength:)``.
  public func small(_ url: String, maximumLength: Int) async throws(TransportError) -> [UInt8]? {
    try await small(urls: [url], maximumLength: maximumLength)
  }

  /// The bytes of `name` below the first of `bases` that has it, at most `maximumLength` of them. nil: a server says
  /// that there is no such file (404, 410, or 403 as object stores answer) and no other one has it.
  public func small(_ name: String, from bases: [String], maximumLength: Int) async throws(TransportError) -> [UInt8]? {
    try await small(urls: bases.map { Self.join($0, name) }, maximumLength: maximumLength)
  }

  private func small(urls: [String], maximumLength: Int) async throws(TransportError) -> [UInt8]? {
    let end = environment.monotonic() + settings.smallTimeout * settings.retry.maximumAttempts
    do throws(TransportError) {
      return try await inTurn(urls, deadline: end, missingEnds: true) { (url) throws(TransportError) in
        let deadline = min(end, environment.monotonic() + settings.smallTimeout)
        do throws(TransportError) { return try await once(url, maximumLength: maximumLength, deadline: deadline) } catch
        {
          // The time of one try is over, not that of all.
          throw error.code == .overdue ? TransportError(.stalled, url, "slower than allowed") : error
        }
      }
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  private func once(_ url: String, maximumLength: Int, deadline: Duration) async throws(TransportError) -> [UInt8] {
    let answer = try await get(url, deadline: deadline)
    switch answer.status {
    case 200: break
    case 403, 404, 410:
      await drain(answer, deadline: deadline)
      throw TransportError(.notFound, answer.address.text, "status \(answer.status)")
    case 201..<300: throw TransportError(.invalidAnswer, answer.address.text, "status \(answer.status)")
    default:
      let refusal = refusal(answer)
      await drain(answer, deadline: deadline)
      throw refusal
    }
    if let encoding = answer.header("content-encoding"), encoding.lowercased() != "identity" {
      throw TransportError(
        .invalidAnswer, answer.address.text, "content encoding \(encoding), although none was asked for")
    }
    if let length = answer.header("content-length").flatMap({ Int64($0) }), length > Int64(maximumLength) {
      throw TransportError(.tooLarge, answer.address.text, "\(length) bytes, at most \(maximumLength) allowed")
    }
    var bytes: [UInt8] = []
    try await read(answer, limit: Int64(maximumLength), deadline: deadline) {
      bytes.append(contentsOf: $0.readableBytesView)
    }
    return bytes
  }
}
