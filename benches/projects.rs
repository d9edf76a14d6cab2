//! From text to findings and artifacts, on generated projects of 100, 1,000 and 10,000 grants.
//!
//! `cargo bench --bench projects` measures everything, with throughput in bytes of source, and ends
//! with the peak memory of a process that checks the largest project once. `docs/benchmarks.md`
//! says what the projects look like and keeps the measured table.

use bailiwick_analyzer::build::build;
use bailiwick_analyzer::{Analysis, Clock, check};
use bailiwick_compiler::build::{Input, applicable};
use bailiwick_compiler::db::{Database, Project, SourceFile, compile, compile_together};
use bailiwick_testkit::{Options, project};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use mimalloc::MiMalloc;
use salsa::Setter;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// The binary's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many grants.
const SIZES: [usize; 3] = [100, 1_000, 10_000];
/// 2026-12-01T10:00:00Z.
const NOW: i64 = 1_796_119_200;
/// A line that is edited.
const TTL: &str = "  ttl 1h\n";
/// Set in the process whose memory is measured.
const MEASURE: &str = "BAILIWICK_BENCH_MEMORY";

type Modules = Vec<(String, String)>;

fn generated(grants: usize) -> Modules {
    project(1, &Options::benchmark(grants))
}

fn bytes(modules: &Modules) -> Throughput {
    Throughput::Bytes(modules.iter().map(|(_, text)| text.len() as u64).sum())
}

/// A database that knows nothing of the project yet.
fn loaded(modules: &Modules) -> (Database, Project) {
    let db = Database::default();
    let files = modules
        .iter()
        .map(|(path, text)| SourceFile::new(&db, path.as_str().into(), text.as_str().into()))
        .collect();
    let project = Project::new(&db, files, Arc::default(), None);
    (db, project)
}

fn parsing(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for grants in SIZES {
        let modules = generated(grants);
        group.throughput(bytes(&modules));
        group.bench_with_input(BenchmarkId::from_parameter(grants), &modules, |b, modules| {
            b.iter(|| modules.iter().map(|(_, text)| bailiwick_grammar::parse(text)).collect::<Vec<_>>());
        });
    }
}

/// Text to model, parsing included.
fn compiling(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    for grants in SIZES {
        let modules = generated(grants);
        group.throughput(bytes(&modules));
        group.bench_with_input(BenchmarkId::from_parameter(grants), &modules, |b, modules| {
            b.iter_batched_ref(
                || loaded(modules),
                |(db, project)| black_box(compile_together(db, *project)),
                BatchSize::PerIteration,
            );
        });
    }
}

/// Text to findings.
fn checking(c: &mut Criterion) {
    let mut group = c.benchmark_group("check");
    for grants in SIZES {
        let modules = generated(grants);
        group.throughput(bytes(&modules));
        group.bench_with_input(BenchmarkId::from_parameter(grants), &modules, |b, modules| {
            b.iter_batched_ref(
                || loaded(modules),
                |(db, project)| {
                    let clock = Clock::new(db, NOW);
                    compile_together(db, *project);
                    black_box(check(db, *project, clock).len())
                },
                BatchSize::PerIteration,
            );
        });
    }
}

/// Text to findings once more, after one grant was edited.
fn editing(c: &mut Criterion) {
    let mut group = c.benchmark_group("edit");
    for grants in SIZES {
        let modules = generated(grants);
        let (mut db, project) = loaded(&modules);
        let clock = Clock::new(&db, NOW);
        let (path, text) = modules.iter().rfind(|(_, text)| text.contains(TTL)).expect("a grant has a ttl");
        let of_path = |file: &&SourceFile| **file.module(&db) == **path;
        let file = *project.files(&db).iter().find(of_path).expect("it is loaded");
        let mut texts = [text.replacen(TTL, "  ttl 20m\n", 1), text.clone()].into_iter().cycle();
        black_box(check(&db, project, clock).len());
        group.throughput(bytes(&modules));
        group.bench_function(BenchmarkId::from_parameter(grants), |b| {
            b.iter(|| {
                file.set_text(&mut db).to(texts.next().unwrap_or_default().into());
                black_box(check(&db, project, clock).len())
            });
        });
    }
}

/// Model to the artifacts of every target that the tools are bound to.
fn building(c: &mut Criterion) {
    let mut group = c.benchmark_group("build");
    for grants in SIZES {
        let modules = generated(grants);
        let (db, project) = loaded(&modules);
        let model = compile(&db, project).model;
        let targets = applicable(&model);
        let inputs: Vec<Input> = modules.iter().map(|(path, text)| Input { path, text }).collect();
        group.throughput(bytes(&modules));
        group.bench_function(BenchmarkId::from_parameter(grants), |b| {
            b.iter(|| black_box(build(&Analysis::new(&model, NOW), &targets, &inputs)));
        });
    }
}

/// Checks a project once and prints the process's peak memory (Linux tells it).
fn measure(grants: usize) {
    let modules = generated(grants);
    let (db, project) = loaded(&modules);
    let clock = Clock::new(&db, NOW);
    compile_together(&db, project);
    let findings = check(&db, project, clock).len();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("not known here", str::trim);
    println!("peak memory of check at {grants} grants: {peak} ({findings} findings)");
}

fn main() {
    if let Ok(grants) = std::env::var(MEASURE) {
        measure(grants.parse().expect("a number of grants"));
        return;
    }
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    parsing(&mut criterion);
    compiling(&mut criterion);
    checking(&mut criterion);
    editing(&mut criterion);
    building(&mut criterion);
    criterion.final_summary();
    // A process of its own, so that what was measured before does not count.
    if let Ok(this) = std::env::current_exe()
        && std::env::args().any(|arg| arg == "--bench")
    {
        let _ = Command::new(this).env(MEASURE, SIZES[SIZES.len() - 1].to_string()).status();
    }
}
