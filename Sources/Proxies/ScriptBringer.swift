import Dispatch
import Posix
import SystemPackage

/// Brings proxy scripts, and keeps the last good one.
struct ScriptBringer: Sendable {
  struct Brought: Sendable {
    let script: [UInt8]
    let source: String
  }

  /// Search domains that are asked.
  private static let mostDomains = 6
  /// Seconds for one look-up.
  private static let patience = 5.0

  let surroundings: ProxySurroundings

  /// The script of an address that an admin has set.
  func script(from source: ScriptSource) async throws(ProxyError) -> Brought {
    switch source {
    case .file(let path): return try file(path)
    case .web(let url):
      if let fresh = fresh([url]) { return fresh }
      do {
        if let script = try await surroundings.bring(url) { return keep(url, script) }
        return try lastGood([url], why: "\(url): there is no such file")
      } catch let error as ProxyError { throw error } catch { return try lastGood([url], why: "\(error)") }
    }
  }

  /// The script that the network offers; nil where it offers none: DHCP's first, then `wpad` in each search domain.
  ///
  /// Only names that resolve are asked, and no domain above those that are set: `wpad` there would be a stranger's.
  func detected() async throws(ProxyError) -> Brought? {
    let hints = surroundings.hints()
    let told = hints.scripts.filter {
      (try? ScriptSource(parsing: $0)).map { if case .web = $0 { true } else { false } } ?? false
    }
    let guessed = hints.domains.prefix(Self.mostDomains).map { "wpad.\($0)" }
    let urls = told + guessed.map { "http://\($0)/wpad.dat" }
    if let fresh = fresh(urls) { return fresh }
    var trouble: String?
    for (index, url) in urls.enumerated() {
      if index >= told.count, await !resolves(guessed[index - told.count]) { continue }
      do {
        if let script = try await surroundings.bring(url) { return keep(url, script) }
        surroundings.log("\(url): there is no proxy script")
      } catch { trouble = trouble ?? "\(error)" }
    }
    guard let trouble else { return nil }
    return try lastGood(urls, why: trouble)
  }

  /// A look-up waits, so it does so on a thread of its own.
  private func resolves(_ name: String) async -> Bool {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: !surroundings.names.resolve(name, Self.patience).isEmpty)
      }
    }
  }

  private func file(_ path: String) throws(ProxyError) -> Brought {
    do {
      let descriptor = try FileDescriptor.readingFile(FilePath(path))
      defer { try? descriptor.close() }
      let script = try descriptor.readAll(limit: PACLimits().script, path: path)
      return Brought(script: script, source: "file://\(path)")
    } catch {
      throw ProxyError(
        .scriptUnavailable, "the proxy script cannot be read: \(error)",
        remedy: "\(path) must be a file that all users may read; or set another mode with `slipway proxy set`")
    }
  }

  private func fresh(_ urls: [String]) -> Brought? {
    guard let kept = kept(urls), kept.isFresh(now: surroundings.clock()) else { return nil }
    return Brought(script: kept.script, source: kept.source)
  }

  private func keep(_ url: String, _ script: [UInt8]) -> Brought {
    if let folder = surroundings.cache {
      do throws(PosixError) {
        try KeptScript(source: url, brought: surroundings.clock(), script: script).write(folder)
      } catch { surroundings.log("the proxy script is not kept for later: \(error)") }
    }
    return Brought(script: script, source: url)
  }

  private func lastGood(_ urls: [String], why: String) throws(ProxyError) -> Brought {
    guard let kept = kept(urls) else {
      throw ProxyError(
        .scriptUnavailable, "the proxy script cannot be had: \(why)",
        remedy:
          "check that address (it is asked for without a proxy), or set another proxy mode with `slipway proxy set`")
    }
    let age = max(0, surroundings.clock() - kept.brought)
    surroundings.log("\(why); the proxy script brought \(age) s ago from \(kept.source) goes on being used")
    return Brought(script: kept.script, source: kept.source)
  }

  /// What is kept, if it came from where it would be brought from now.
  private func kept(_ urls: [String]) -> KeptScript? {
    guard let folder = surroundings.cache, let kept = KeptScript.read(folder, limit: PACLimits().script),
      urls.contains(kept.source)
    else { return nil }
    return kept
  }
}
