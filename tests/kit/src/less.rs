//! What a request could do without.

use bailiwick_compiler::model::{ArgSource, Authn, Model, Str};
use bailiwick_compiler::request::Request;

/// The request without each optional argument, each attribute of the session and each approval in
/// turn; and with the next weaker authentication. Arguments that others are derived from stay.
pub fn less(model: &Model, request: &Request) -> Vec<Request> {
    let tool = model.tool(model.op(request.op).tool);
    let derived = |name: &Str| {
        tool.args
            .values()
            .any(|arg| matches!(&arg.source, ArgSource::Each(path) if path.first() == Some(name)))
    };
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = request.clone();
        change(&mut request);
        request
    };
    let optional = request.args.keys().filter(|name| {
        !derived(name) && tool.args.get(*name).is_some_and(|arg| arg.source == ArgSource::Optional)
    });
    let without_args = optional.map(|name| with(&|request| _ = request.args.remove(name)));
    let without_session =
        request.session.keys().map(|name| with(&|request| _ = request.session.remove(name)));
    let without_approvals =
        request.approvals.keys().map(|who| with(&|request| _ = request.approvals.remove(who)));
    let weaker = (request.authn as usize)
        .checked_sub(1)
        .map(|level| with(&|request| request.authn = Authn::ALL[level]));
    without_args.chain(without_session).chain(without_approvals).chain(weaker).collect()
}
