//! Every table has a stated life (docs/gateway.md): what runs out is forgotten, records stay.

mod support;

use serde_json::json;
use sqlx::Row;
use support::postgres::Postgres;
use support::{ADA, Lab, MINUTE};

const DAY: i64 = 24 * 60 * MINUTE;

async fn rows(lab: &Lab, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query(sql).fetch_one(lab.app.db.read()).await.unwrap().get(0)
}

async fn ticket(lab: &Lab, token: &str, session_id: farhand_protocol::ids::SessionId, key: &str) {
    let body = json!({ "viewer": { "key": key, "relay_url": null, "direct": [] } });
    lab.post(&format!("/api/v1/sessions/{session_id}/ticket"), token, body).await.ok();
}

async fn what_runs_out_is_forgotten(lab: &Lab) {
    let token = lab.token(ADA).await;
    let wrong = json!({ "email": ADA, "password": "not the password" });
    lab.post("/api/v1/login", "", wrong).await.refused();
    let ended = lab.active(&token).await;
    ticket(lab, &token, ended, &"09".repeat(32)).await;
    lab.act(ended, "close", &token).await.ok();
    let goes_on = lab.active(&token).await;
    let key = "08".repeat(32);
    for _ in 0..3 {
        ticket(lab, &token, goes_on, &key).await;
        lab.app.clock.advance_millis(1000);
    }
    let before = (
        rows(lab, "events").await,
        rows(lab, "sessions").await,
        rows(lab, "session_legs").await,
    );
    farhand_gateway::sessions::tidy(&lab.app).await.unwrap();
    let kept = (
        rows(lab, "tickets").await,
        rows(lab, "codes").await,
        rows(lab, "tokens").await,
        rows(lab, "limits").await,
    );
    assert_eq!(kept, (4, 4, 1, 2), "nothing has run out yet");
    lab.app.clock.advance_millis(31 * DAY);
    farhand_gateway::sessions::tidy(&lab.app).await.unwrap();
    assert_eq!(
        rows(lab, "tickets").await,
        1,
        "the newest ticket of the console in the session that goes on"
    );
    assert_eq!((rows(lab, "codes").await, rows(lab, "limits").await), (0, 0));
    assert!(rows(lab, "audit_log").await > 0);
    lab.app.clock.advance_millis(31 * DAY);
    farhand_gateway::sessions::tidy(&lab.app).await.unwrap();
    assert_eq!(rows(lab, "tokens").await, 0);
    lab.app.clock.advance_millis(700 * DAY);
    farhand_gateway::sessions::tidy(&lab.app).await.unwrap();
    assert_eq!(rows(lab, "audit_log").await, 0);
    let after = (
        rows(lab, "events").await,
        rows(lab, "sessions").await,
        rows(lab, "session_legs").await,
    );
    assert_eq!(after, before, "records stay");
}

#[tokio::test]
async fn what_runs_out_is_forgotten_on_sqlite() {
    what_runs_out_is_forgotten(&Lab::sqlite().await).await;
}

#[tokio::test]
async fn what_runs_out_is_forgotten_on_postgresql() {
    let server = Postgres::start();
    what_runs_out_is_forgotten(&Lab::new(Some(server.database("farhand"))).await).await;
}
