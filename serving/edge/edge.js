// What the edge says itself, and what it asks of the server behind it. Loaded into nginx by nginx.conf.

import crypto from 'crypto';

const LONGEST_KEY = 256;

// By the last part of the address that an error_page of nginx.conf leads to. `retry` asks the client to come back.
const ERRORS = {
    bad_request: {status: 400, message: 'this cannot be read as an HTTP request; check its first line and its headers'},
    tls_required: {status: 400, message: 'this port speaks TLS alone; use an address that begins with https://'},
    unauthorized: {
        status: 401,
        message: 'no valid API key came with this request; send it as "Authorization: Bearer KEY" or "X-Api-Key: KEY"',
    },
    not_found: {status: 404, message: 'nothing is served at this address; see the list of routes in docs/edge.md'},
    method_not_allowed: {status: 405, message: 'this address takes another method; the header Allow names it'},
    body_too_large: {status: 413, message: 'the body is larger than this address takes; send several smaller requests'},
    uri_too_long: {status: 414, message: 'the address is too long; send the texts in the body of a POST request'},
    unsupported_media_type: {
        status: 415,
        message: 'a form cannot be read here (curl -d sends one by default); ' +
            'add -H "Content-Type: application/json", or text/plain for one plain sentence',
    },
    rate_limited: {
        status: 429,
        retry: true,
        message: 'this API key has sent more requests than its rate allows; wait as long as the header Retry-After says',
    },
    overloaded: {
        status: 429,
        retry: true,
        message: 'the queue of requests is full; wait at least as long as the header Retry-After says, and then try again',
    },
    header_too_large: {status: 431, message: 'the headers of this request are too large; send fewer or shorter ones'},
    internal_error: {status: 500, message: 'the server failed on this request; the fault is its own'},
    unavailable: {status: 503, retry: true, message: 'the server cannot be reached at the moment; try again'},
    not_ready: {status: 503, retry: true, message: 'the server is not ready, or about to stop; send requests elsewhere'},
    deadline: {status: 504, message: 'the server did not answer in time; send fewer or shorter texts at once'},
};

// What nginx or TorchServe's front end says of a route itself, in a form of its own or without a word. Neither status may
// change here: njs 0.7 leaves the first line of TorchServe's reply as it is. 502, 503 and 507 go another way, in route.conf.
const BY_STATUS = {
    400: 'bad_request',
    401: 'unauthorized',
    404: 'not_found',
    405: 'method_not_allowed',
    413: 'body_too_large',
    415: 'unsupported_media_type',
    429: 'rate_limited',
    500: 'internal_error',
    504: 'deadline',
};

function errorBody(code, message) {
    return JSON.stringify({error: {code: code, message: message || ERRORS[code].message, path: ''}});
}

function errorHeaders(r, code) {
    const headers = {'Content-Type': 'application/json'};
    if (ERRORS[code].retry) {
        headers['Retry-After'] = code === 'rate_limited' ? r.variables.retry_after : '1';
    }
    if (code === 'unauthorized') {
        headers['WWW-Authenticate'] = 'Bearer realm="resay"';
    }
    if (code === 'method_not_allowed' && r.variables.allowed) {
        headers['Allow'] = r.variables.allowed;
    }
    return headers;
}

function setHeaders(r, headers) {
    Object.keys(headers).forEach((name) => {
        r.headersOut[name] = headers[name];
    });
}

function answerError(r, code, message) {
    setHeaders(r, errorHeaders(r, code));
    r.return(ERRORS[code].status, errorBody(code, message));
}

function saidByWorker(r) {
    return Boolean(r.variables.upstream_http_x_model_sha);
}

// The end of every error_page: its body, and as a header filter its status and headers.
function refusal(r) {
    return errorBody(refusalCode(r));
}

function refuse(r) {
    const code = refusalCode(r);
    r.status = ERRORS[code].status;
    setHeaders(r, errorHeaders(r, code));
}

function refusalCode(r) {
    const code = r.uri.slice(r.uri.lastIndexOf('/') + 1);
    return code === 'overloaded' && saidByWorker(r) ? 'not_ready' : code;
}

// A key is compared by its digest: what a look-up's duration tells of a digest says nothing of the key.
function keyDigest(r) {
    const bearer = /^bearer +([^ ]+) *$/i.exec(r.headersIn['Authorization'] || '');
    const key = bearer ? bearer[1] : r.headersIn['X-Api-Key'] || '';
    if (key === '' || key.length > LONGEST_KEY) {
        return '';
    }
    return crypto.createHash('sha256').update(key).digest('hex');
}

// Large requests have a queue of their own where small ones shall not wait behind them. A length that is not told
// beforehand may be any.
function targetByLength(r) {
    const length = r.headersIn['Content-Length'];
    const isLong = length === undefined || Number(length) >= Number(r.variables.bulk_bytes);
    return isLong ? r.variables.long_target : r.variables.short_target;
}

// Header filter of a route. A worker's own errors have our form already, and carry its model's hash.
function translate(r) {
    if (r.status < 400 || saidByWorker(r)) {
        return;
    }
    const code = BY_STATUS[r.status] || (r.status < 500 ? 'bad_request' : 'internal_error');
    const body = errorBody(code);
    setHeaders(r, errorHeaders(r, code));
    r.headersOut['Content-Length'] = String(body.length);
    r.variables.replacement = body;
}

// Body filter of a route: puts our words in the place of theirs.
function replaceBody(r, data, flags) {
    if (r.variables.replacement === '') {
        r.sendBuffer(data, flags);
        r.done();
    } else if (flags.last) {
        r.sendBuffer(r.variables.replacement, flags);
        r.done();
    }
}

async function failing(r, probes) {
    const replies = await Promise.all(probes.map((probe) => r.subrequest('/probe/' + probe, {method: 'GET'})));
    return probes.filter((_, i) => replies[i].status !== 200);
}

async function livez(r) {
    if ((await failing(r, ['front-end'])).length > 0) {
        answerError(r, 'unavailable', 'the front end behind the edge does not answer, or says that it is not healthy');
        return;
    }
    r.headersOut['Content-Type'] = 'application/json';
    r.return(200, JSON.stringify({status: 'alive'}));
}

async function readyz(r) {
    const missing = await failing(r, r.variables.endpoints.split(' '));
    if (missing.length > 0) {
        answerError(r, 'not_ready', 'not ready: ' + missing.join(', '));
        return;
    }
    r.headersOut['Content-Type'] = 'application/json';
    r.return(200, JSON.stringify({status: 'ready'}));
}

export default {keyDigest, livez, readyz, refusal, refuse, replaceBody, targetByLength, translate};
