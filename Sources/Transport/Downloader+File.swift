import Cryptography
import Posix
import SystemPackage

extension Downloader {
  /// Downloads into a file; see ``download(_:from:to:expectedLength:sha256:bandwidth:)``.
  public func download(
    _ url: String, to partial: FilePath, expectedLength: Int64, bandwidth: Int64? = nil
  ) async throws(TransportError) {
    try await download(urls: [url], to: partial, Expected(length: expectedLength, sha256: nil), bandwidth: bandwidth)
  }

  /// Brings `name`, exactly `expectedLength` bytes, from the first of `bases` that has it into `partial`, going on
  /// where an earlier call stopped if the server's file is still the same. On return the file is whole and flushed.
  /// After an error it stays, with `partial.resume` beside it, unless `disk` says otherwise. `sha256`: a server whose
  /// file has another one is passed over, and its bytes are dropped; nil: the hash is for the caller to check.
  /// `bandwidth`: a cap in bytes a second. One caller at a time for each file.
  public func download(
    _ name: String, from bases: [String], to partial: FilePath, expectedLength: Int64, sha256: SHA256Digest? = nil,
    bandwidth: Int64? = nil
  ) async throws(TransportError) {
    try await download(
      urls: bases.map { Self.join($0, name) }, to: partial, Expected(length: expectedLength, sha256: sha256),
      bandwidth: bandwidth)
  }

  private struct Expected {
    let length: Int64
    let sha256: SHA256Digest?
  }

  private func download(
    urls: [String], to partial: FilePath, _ expected: Expected, bandwidth: Int64?
  ) async throws(TransportError) {
    let file: PartialFile
    do throws(PosixError) { file = try PartialFile(at: partial, expectedLength: expected.length) } catch {
      throw TransportError(error, place: partial.string)
    }
    if file.isComplete, try await isGood(file, expected, partial.string) { return }
    let deadline = environment.monotonic() + settings.downloadTimeout
    // What is brought again after a start from nothing is no progress: a server that breaks off half way, and cannot go on
    // where it did, is not asked for ever.
    var furthest = file.length
    // Servers that are not asked again, whoever else is: their file is another one.
    var wrong: Set<String> = []
    try await inTurn(urls, deadline: deadline, missingEnds: false, progress: { furthest }) {
      (url) throws(TransportError) in
      guard !wrong.contains(url) else { throw TransportError(.wrongContent, url) }
      let isResumed = file.length > 0
      func once() async throws(TransportError) -> Bool {
        try await self.once(
          url, into: file, expectedLength: expected.length, deadline: deadline, bandwidth: bandwidth,
          furthest: &furthest)
        return try await isGood(file, expected, url)
      }
      if try await once() { return }
      // The first bytes may have been another server's: from this one the whole is brought, once.
      if isResumed, try await once() { return }
      wrong.insert(url)
      throw TransportError(.wrongContent, url)
    }
    try await onDisk(partial) { try await file.finish() }
  }

  /// Whether the file has the hash that is expected of it; otherwise it is emptied.
  private func isGood(_ file: PartialFile, _ expected: Expected, _ place: String) async throws(TransportError) -> Bool {
    guard let sha256 = expected.sha256 else { return true }
    var isGood = false
    try await onDisk(place) {
      isGood = try await file.sha256() == sha256
      if !isGood { try await file.restart(validator: nil) }
    }
    return isGood
  }

  private func once(
    _ url: String, into file: PartialFile, expectedLength: Int64, deadline: Duration, bandwidth: Int64?,
    furthest: inout Int64
  ) async throws(TransportError) {
    let answer = try await openBody(url, for: file, expectedLength: expectedLength, deadline: deadline)
    let limit = expectedLength - file.length
    defer { furthest = max(furthest, file.length) }
    var flushed = environment.monotonic()
    do throws(TransportError) {
      try await read(answer, limit: limit, deadline: deadline, bandwidth: bandwidth) { chunk in
        try chunk.readableBytesView.withUnsafeBytes { raw throws in try file.append(raw) }
        let now = environment.monotonic()
        if file.atRisk >= settings.checkpointInterval || now - flushed >= settings.checkpointPause {
          try await file.checkpoint()
          flushed = now
        }
      }
    } catch {
      // What came so far is worth keeping, whatever went wrong; if even that fails, the first error is the one to tell.
      try? await file.checkpoint()
      throw error
    }
    guard file.length == expectedLength else {
      throw TransportError(.interrupted, answer.address.text, "\(file.length) of \(expectedLength) bytes")
    }
  }

  /// An answer whose body belongs at the end of the file as it then stands.
  private func openBody(
    _ url: String, for file: PartialFile, expectedLength: Int64, deadline: Duration
  ) async throws(TransportError) -> Answer {
    while true {
      let offset = file.validator == nil ? 0 : file.length
      var headers: [(String, String)] = []
      if let validator = file.validator, offset > 0 {
        headers = [("Range", "bytes=\(offset)-"), ("If-Range", validator.text)]
      }
      let answer = try await get(url, headers: headers, deadline: deadline)
      let parts = ResumeStep.Answer(answer)
      switch ResumeStep.after(parts, offset: offset, validator: file.validator, expectedLength: expectedLength) {
      case .append: return answer
      case .startOver:
        try await onDisk(url) { try await file.restart(validator: parts.validator) }
        return answer
      case .askAgain:
        // Without bytes no range is asked for, so this happens once.
        await drain(answer, deadline: deadline)
        try await onDisk(url) { try await file.restart(validator: nil) }
      case .fail(.refused, _):
        let refusal = refusal(answer)
        await drain(answer, deadline: deadline)
        throw refusal
      case .fail(let code, let detail): throw TransportError(code, answer.address.text, detail)
      }
    }
  }

  private func onDisk(_ place: some CustomStringConvertible, _ body: () async throws -> Void)
    async throws(TransportError)
  {
    do { try await body() } catch { throw TransportError(error, place: place.description) }
  }
}

extension ResumeStep.Answer {
  init(_ answer: Downloader.Answer) {
    self.init(
      status: answer.status, contentLength: answer.header("content-length").flatMap { Int64($0) },
      contentRange: answer.header("content-range"), contentEncoding: answer.header("content-encoding"),
      validator: Validator(
        entityTag: answer.header("etag"), lastModified: answer.header("last-modified"), date: answer.header("date")))
  }
}
